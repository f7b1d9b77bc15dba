/**
 * What one step of a step model costs on this machine, by number of streams: the engine's own session and slot
 * state, without gate, workers or network. For models that are too large to try everything else with.
 *
 *   npm run build && taskset -c 0 node dist/bench/step-cost.js training/build/kyutai-1b-int8 --batches 1,2,4
 */
import { parseArgs } from 'node:util';
import { readStepModel } from '../agents/speech/streaming/model-folder.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { outputData, StepSession } from '../agents/speech/streaming/step-session.ts';
import { machine } from './machine.ts';
import { percentile } from './percentile.ts';
import { leaveResult } from './result-file.ts';

const USAGE = `Usage: node dist/bench/step-cost.js FOLDER [options]
  --batches 1,2,4   streams in the batch
  --steps 40        steps that are timed, after five that are not
  --threads 1       of ONNX Runtime
  --note TEXT       kept with the figures
  --results FILE    where they are written as JSON`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batches: { type: 'string', default: '1,2,4' },
    steps: { type: 'string', default: '40' },
    threads: { type: 'string', default: '1' },
    note: { type: 'string' },
    results: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const WARM_UP_STEPS = 5;
const MIB = 2 ** 20;

interface BatchCost {
  readonly streams: number;
  readonly steps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of a step, mean: what remains comparable when other programs take the core at times. */
  readonly cpuMs: number;
  /** Of which the writing of rings and carries, p50. */
  readonly scatterP50Ms: number;
  readonly rssMiB: number;
}

async function stepCost(session: StepSession, streams: number, steps: number): Promise<BatchCost> {
  const state = new SlotState(session, streams);
  for (let slot = 0; slot < streams; slot++) state.reset(slot);
  const wallMs: number[] = [];
  const scatterMs: number[] = [];
  let cpuBefore = process.cpuUsage();
  for (let step = -WARM_UP_STEPS; step < steps; step++) {
    if (step === 0) cpuBefore = process.cpuUsage();
    const { data } = state.audio;
    for (let i = 0; i < data.length; i++) data[i] = (Math.random() - 0.5) / 4;
    const startMs = performance.now();
    const outputs = await session.run(state.feeds(0, streams));
    const ranMs = performance.now();
    state.take(outputs);
    const tokens = outputData(outputs, session.tokenOutput);
    for (let slot = 0; slot < streams; slot++) {
      state.accept(slot, slot, tokens[slot * session.tokenWidth] ?? 0);
    }
    state.advance();
    const endMs = performance.now();
    if (step < 0) continue;
    wallMs.push(endMs - startMs);
    scatterMs.push(endMs - ranMs);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    streams,
    steps,
    cpuMs: round((user + system) / 1000 / steps),
    p50Ms: round(percentile(wallMs, 0.5)),
    p99Ms: round(percentile(wallMs, 0.99)),
    scatterP50Ms: round(percentile(scatterMs, 0.5)),
    rssMiB: Math.round(process.memoryUsage.rss() / MIB),
  };
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

async function main(folder: string): Promise<void> {
  const before = machine();
  const files = await readStepModel(folder);
  const { stepSamples, sampleRateHz, name } = files.manifest;
  const stepMs = (stepSamples * 1000) / sampleRateHz;
  console.error(`loading ${name}`);
  const startMs = performance.now();
  const session = await StepSession.load(files, Number(values.threads));
  const loadMs = Math.round(performance.now() - startMs);
  const bytesPerSlot = new SlotState(session, 1).bytesPerSlot;
  const batches: BatchCost[] = [];
  for (const streams of values.batches.split(',').map(Number)) {
    const cost = await stepCost(session, streams, Number(values.steps));
    batches.push(cost);
    console.error(
      `${streams} streams: p50 ${cost.p50Ms}, p99 ${cost.p99Ms} of ${stepMs} ms; ${cost.cpuMs} ms of processor, ${cost.rssMiB} MiB`,
    );
  }
  const inTime = batches.filter(({ p99Ms }) => p99Ms <= stepMs).map(({ streams }) => streams);
  const report = {
    date: new Date().toISOString(),
    machine: before,
    command: `node dist/bench/step-cost.js ${process.argv.slice(2).join(' ')}`,
    note: values.note ?? null,
    model: name,
    graphBytes: files.manifest.files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    threads: Number(values.threads),
    loadMs,
    stateMiBPerStream: Math.round((bytesPerSlot / MIB) * 10) / 10,
    stepMs,
    batches,
    /** The largest measured batch whose p99 is within a step; 0 if none is. */
    streamsInTime: Math.max(0, ...inTime),
  };
  leaveResult(report, values.results);
}

const [folder] = positionals;
if (values.help || !folder) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  await main(folder);
}
