/**
 * Streams that one core carries: step times of the streaming engine's batch loop over a step model, one thread.
 *
 * Rounds follow each other without a pause, so a round of less than a step's length is what real time allows.
 */
import { createRequire } from 'node:module';
import { readStepModel } from '../agents/speech/streaming/model-folder.ts';
import { StepSession } from '../agents/speech/streaming/step-session.ts';
import { type Allocations, countAllocations } from './allocations.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { count, operands, resultFile, text } from './parameters.ts';
import { writeResult } from './result-file.ts';
import { openSherpa, SHERPA_STEP_MS, SherpaStreams } from './sherpa-streams.ts';
import { FullBatch, findLimit, type StepTimes, timeRounds } from './step-rounds.ts';

const values = readCommandLine({
  program: 'speech-streams',
  launch: 'taskset -c 1 node',
  about: `Streams that one core carries: steps of step models with 1, 8, 32 and 64 streams, and at the limit (99 % of the
steps within one step's length of processor time), in one thread. About a minute a model.`,
  parameters: {
    folders: operands('FOLDER', 'of a step model'),
    rounds: count('steps of each number of streams', 150),
    sherpa: text('FOLDER', 'where sherpa-onnx-node is installed (npm install sherpa-onnx-node)'),
    'sherpa-model': text('FOLDER', 'of training/sherpa_layout.py: the same network, timed before and after'),
    results: resultFile,
  },
});
const { folders, rounds } = values;

const BATCHES = [1, 8, 32, 64];
const ALLOCATION_STREAMS = 32;
const ALLOCATION_ROUNDS = 60;

interface ModelResult {
  readonly model: string;
  readonly graphMiB: number;
  readonly stateKiBPerSlot: number;
  readonly batches: readonly StepTimes[];
  readonly limit: StepTimes;
  /** A round of a steady loop with 32 streams in which nothing new is said. */
  readonly allocations: Allocations;
}

async function measure(folder: string): Promise<ModelResult> {
  const files = await readStepModel(folder);
  const session = await StepSession.load(files, 1);
  const batches: StepTimes[] = [];
  const batchOf = (streams: number): FullBatch => new FullBatch(session, streams);
  for (const streams of BATCHES) batches.push(await timeRounds(batchOf(streams), streams, rounds));
  const known = batches.at(-1) as StepTimes;
  const limit = await findLimit(batchOf, files.manifest.frameMs, known, rounds);
  const batch = new FullBatch(session, ALLOCATION_STREAMS, true);
  for (let i = 0; i < ALLOCATION_ROUNDS; i++) await batch.round();
  const allocations = await countAllocations(async () => {
    for (let i = 0; i < ALLOCATION_ROUNDS; i++) await batch.round();
  }, ALLOCATION_ROUNDS);
  const graphBytes = files.manifest.files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const stateKiBPerSlot = Math.round(batch.bytesPerSlot / 1024);
  await session.close();
  const graphMiB = Math.round(graphBytes / 2 ** 20);
  return { model: files.manifest.name, graphMiB, stateKiBPerSlot, batches, limit, allocations };
}

function show({ model, batches, limit, allocations }: ModelResult): void {
  console.log(`\n${model}`);
  for (const { streams, p50CpuMs, p99CpuMs, p50Ms, p99Ms, outsideRun, outsideRunP50 } of [
    ...batches,
    limit,
  ]) {
    const [mean, median] = [outsideRun, outsideRunP50].map((share) => ((share ?? 0) * 100).toFixed(1));
    const share = `outside run ${mean} %, half of the rounds at most ${median} %`;
    console.log(
      `  ${String(streams).padStart(4)} streams: CPU p50 ${p50CpuMs} p99 ${p99CpuMs} ms, clock ${p50Ms} ${p99Ms}, ${share}`,
    );
  }
  console.log(`  allocated a step: ${JSON.stringify(allocations)}`);
}

async function timeSherpa(): Promise<StepTimes[]> {
  const { sherpa, 'sherpa-model': model } = values;
  if (!sherpa || !model) return [];
  const recogniser = openSherpa(sherpa, model);
  const batchOf = (streams: number): SherpaStreams => new SherpaStreams(recogniser, streams);
  const times: StepTimes[] = [];
  for (const streams of [1, 8]) times.push(await timeRounds(batchOf(streams), streams, rounds));
  times.push(await findLimit(batchOf, SHERPA_STEP_MS, times[1] as StepTimes, rounds));
  for (const { streams, p50CpuMs, p99CpuMs } of times) {
    console.log(
      `  sherpa-onnx-node ${streams} streams: p50 ${p50CpuMs} ms, p99 ${p99CpuMs} ms of processor time`,
    );
  }
  return times;
}

const sherpaBefore = await timeSherpa();
const results: ModelResult[] = [];
for (const folder of folders) {
  const result = await measure(folder);
  show(result);
  results.push(result);
}
const sherpaAfter = await timeSherpa();
if (values.results) {
  const versions = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  const command = `taskset -c 1 node dist/bench/speech-streams.js ${folders.join(' ')} --rounds ${rounds}`;
  const body = {
    machine: machine(),
    onnxruntimeNode: versions.version,
    command,
    results,
    sherpaBefore,
    sherpaAfter,
  };
  writeResult(body, values.results);
}
