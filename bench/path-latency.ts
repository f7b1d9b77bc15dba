/**
 * The latency of each stage of the path, over several runs of `npm run demo`: every run brings up the whole
 * product, speaks the files into a room through the media server and follows the captions as a viewer.
 *
 *     node dist/bench/path-latency.js [--runs 5] [--results FILE.json] FILE…
 */
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { DemoReport } from '../demo/demo-report.ts';
import { type Distribution, STAGES } from '../demo/latency-report.ts';
import { machine } from './machine.ts';
import { percentile } from './percentile.ts';
import { writeResult } from './result-file.ts';

const MAX_REPORT_BYTES = 64 * 1_048_576;

const { values, positionals: files } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, results: { type: 'string' } },
  allowPositionals: true,
});
if (files.length === 0) {
  console.error('Name the sound files to speak: node dist/bench/path-latency.js FILE…');
  process.exit(1);
}

const before = machine();
const reports: DemoReport[] = [];
for (let run = 1; run <= Number(values.runs); run += 1) {
  const demo = ['dist/demo/speak-and-follow.js', ...files, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, demo, { maxBuffer: MAX_REPORT_BYTES });
  const report = JSON.parse(stdout) as DemoReport;
  reports.push(report);
  console.error(
    `run ${run}: beyond the model ${report.beyondModelAndTransport.p50} ms, model ${report.modelDelay.p50} ms (p50)`,
  );
}

const rows: Record<string, (report: DemoReport) => Distribution> = {
  ...Object.fromEntries(STAGES.map((stage) => [stage, (report: DemoReport) => report.stages[stage]])),
  modelDelay: (report) => report.modelDelay,
  beyondModel: (report) => report.beyondModel,
  beyondModelAndTransport: (report) => report.beyondModelAndTransport,
  endToEnd: (report) => report.endToEnd,
};
const summary = {
  date: new Date().toISOString(),
  machine: before,
  command: `node dist/bench/path-latency.js ${process.argv
    .slice(2)
    .map((word) => (files.includes(word) ? basename(word) : word))
    .join(' ')}`,
  runs: reports.length,
  unit: 'ms; median over the runs, with the least and the greatest',
  latency: Object.fromEntries(
    Object.entries(rows).map(([name, pick]) => [
      name,
      { p50: spread((report) => pick(report).p50), p95: spread((report) => pick(report).p95) },
    ]),
  ),
  words: reports.map((report) => report.speakers.map((speaker) => speaker.words.length)),
  realTimeFactor: spread((report) => report.realTimeFactor),
  missedDeadlines: reports.map((report) => report.missedDeadlines),
  gaps: reports.map((report) => report.gaps),
  missedFrames: reports.map((report) => report.missedFrames),
  contradictions: reports.map((report) => report.contradictions),
};
console.log(JSON.stringify(summary, null, 2));
if (values.results) writeResult(summary, values.results);

function spread(pick: (report: DemoReport) => number | null) {
  const figures = reports.map(pick).filter((figure) => figure !== null);
  return { median: percentile(figures, 0.5), least: Math.min(...figures), greatest: Math.max(...figures) };
}
