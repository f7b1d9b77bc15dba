/**
 * Ten minutes of audio with streams that join and leave at random: does the heap grow, is a deadline missed, does
 * company change a text?
 */
import { performance } from 'node:perf_hooks';
import { getHeapCodeStatistics } from 'node:v8';
import { readStepModel } from '../agents/speech/streaming/model-folder.ts';
import { StepSession } from '../agents/speech/streaming/step-session.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { amount, count, operand, resultFile } from './parameters.ts';
import { percentile } from './percentile.ts';
import { stolenMs } from './processor-time.ts';
import { writeResult } from './result-file.ts';
import { PROGRESS_ROUNDS, StepSoak } from './step-soak.ts';
import { type Trend, trendOf } from './trend.ts';

const values = readCommandLine({
  program: 'speech-soak',
  launch: 'taskset -c 1 node --expose-gc',
  about: `Streams that join and leave the batch of a step model at random: does the heap grow, is a deadline missed, is each
text what the stream says alone? As fast as the model goes: two minutes for the tiny one with 24 streams.`,
  parameters: {
    folder: operand('FOLDER', 'of the step model, as agents/speech/streaming/fixtures/tiny'),
    streams: count('places', 64),
    minutes: amount('of audio', 10),
    settle: amount('minutes before the slopes of the heap are taken, while caches fill', 2),
    results: resultFile,
  },
});
const { folder } = values;
const collect = (globalThis as { gc?: () => void }).gc;

const session = await StepSession.load(await readStepModel(folder), 1);
const { frameMs, name } = session.files.manifest;
const soak = new StepSoak(session);
await soak.recogniseAlone();

/** Memory after a full collection: of objects, and of the code that V8 still compiles and compiles again for minutes. */
function measureHeap(): { objects: number; code: number } {
  collect?.();
  const { code_and_metadata_size, bytecode_and_metadata_size } = getHeapCodeStatistics();
  const code = code_and_metadata_size + bytecode_and_metadata_size;
  return { objects: process.memoryUsage().heapUsed - code, code };
}

const rounds = Math.round((values.minutes * 60_000) / frameMs);
// Made before, like the soak's own: a list that grows, or whose whole numbers become others, would be taken for a leak.
const sampledMinutes = new Float64Array(Math.floor(rounds / PROGRESS_ROUNDS));
const objectBytes = new Float64Array(sampledMinutes.length);
const codeBytes = new Float64Array(sampledMinutes.length);
let samples = 0;
let residentBytes = 0;
const stolenBeforeMs = stolenMs();
const startMs = performance.now();
const { roundMs, ...counts } = await soak.run({
  session,
  streams: values.streams,
  rounds,
  onProgress: (round) => {
    const minutes = (round * frameMs) / 60_000;
    const { objects, code } = measureHeap();
    sampledMinutes[samples] = minutes;
    objectBytes[samples] = objects;
    codeBytes[samples++] = code;
    residentBytes = process.memoryUsage().rss;
    if (process.stderr.isTTY) process.stderr.write(`\r${minutes.toFixed(1)} of ${values.minutes} min  `);
  },
});
const wallS = (performance.now() - startMs) / 1000;
const stolenS = (stolenMs() - stolenBeforeMs) / 1000;
await session.close();

function settledTrend(bytes: Float64Array): Trend {
  const points = [...bytes].map((value, i): [number, number] => [sampledMinutes[i] as number, value]);
  return trendOf(points.filter(([minutes]) => minutes > values.settle));
}

const inKiB = ({ slope, uncertainty }: Trend): Trend => ({
  slope: Math.round((100 * slope) / 1024) / 100,
  uncertainty: Math.round((100 * uncertainty) / 1024) / 100,
});
const result = {
  model: name,
  places: values.streams,
  minutesOfAudio: values.minutes,
  wallS: Math.round(wallS),
  /** Kept by the host of this virtual machine, all cores together. */
  stolenS: Math.round(10 * stolenS) / 10,
  load: Math.round((100 * wallS) / (values.minutes * 60)) / 100,
  ...counts,
  roundMs: {
    p50: percentile([...roundMs], 0.5),
    p99: percentile([...roundMs], 0.99),
    max: percentile([...roundMs], 1),
  },
  heapMiB: Math.round((objectBytes.at(-1) ?? 0) / 2 ** 18) / 4,
  settleMinutes: values.settle,
  /** Slopes of the heap after a full collection, from then on, with the half-widths of their 95 % intervals. */
  objectsKiBPerMinute: inKiB(settledTrend(objectBytes)),
  compiledCodeKiBPerMinute: inKiB(settledTrend(codeBytes)),
  residentMiB: Math.round(residentBytes / 2 ** 20),
};
console.log(`\n${JSON.stringify(result, null, 2)}`);
if (values.results) {
  const options = `--streams ${values.streams} --minutes ${values.minutes} --settle ${values.settle}`;
  const command = `taskset -c 1 node --expose-gc dist/bench/speech-soak.js ${folder} ${options}`;
  writeResult({ machine: machine(), command, result }, values.results);
}
