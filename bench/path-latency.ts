/**
 * The latency of each stage of the path, over several runs of `npm run demo`: every run brings up the whole
 * product, speaks the files into a room through the media server and follows the captions as a viewer.
 */
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import type { DemoReport } from '../demo/demo-report.ts';
import { type Distribution, STAGES } from '../demo/latency-report.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { count, operands, resultFile } from './parameters.ts';
import { percentile } from './percentile.ts';
import { writeResult } from './result-file.ts';

const MAX_REPORT_BYTES = 64 * 1_048_576;

const { files, runs, results } = readCommandLine({
  program: 'path-latency',
  about: `The latency of each stage of the path: brings up the whole product, speaks the files into a room, each by a
participant, and follows the captions. A run takes as long as the longest file, and the start.`,
  parameters: {
    files: operands('FILE', 'sound that is spoken'),
    runs: count('times that everything starts anew', 5),
    results: resultFile,
  },
});

const before = machine();
const reports: DemoReport[] = [];
for (let run = 1; run <= runs; run += 1) {
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
if (results) writeResult(summary, results);

function spread(pick: (report: DemoReport) => number | null) {
  const figures = reports.map(pick).filter((figure) => figure !== null);
  return { median: percentile(figures, 0.5), least: Math.min(...figures), greatest: Math.max(...figures) };
}
