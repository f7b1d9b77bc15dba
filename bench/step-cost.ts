/**
 * What one step of a step model costs on this machine, by number of streams: the engine's own session and slot
 * state, without gate, workers or network. For models that are too large to try everything else with.
 */
import { readStepModel } from '../agents/speech/streaming/model-folder.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { outputData, StepSession } from '../agents/speech/streaming/step-session.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { count, counts, operand, resultFile, text } from './parameters.ts';
import { percentile } from './percentile.ts';
import { processorMs } from './processor-time.ts';
import { leaveResult } from './result-file.ts';

const values = readCommandLine({
  program: 'step-cost',
  about: `What a step of a step model costs by number of streams, without gate, workers or network: for models that are too
large to try everything else with. Loading, and 45 steps for each number: seconds, or minutes for the largest.`,
  parameters: {
    folder: operand('FOLDER', 'of the step model'),
    batches: counts('streams in the batch', [1, 2, 4]),
    steps: count('that are timed, after five that are not', 40),
    threads: count('of ONNX Runtime', 1),
    note: text('TEXT', 'kept with the figures'),
    results: resultFile,
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
  let cpuBeforeMs = processorMs();
  for (let step = -WARM_UP_STEPS; step < steps; step++) {
    if (step === 0) cpuBeforeMs = processorMs();
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
  const cpuMs = processorMs() - cpuBeforeMs;
  return {
    streams,
    steps,
    cpuMs: round(cpuMs / steps),
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
  const session = await StepSession.load(files, values.threads);
  const loadMs = Math.round(performance.now() - startMs);
  const bytesPerSlot = new SlotState(session, 1).bytesPerSlot;
  const batches: BatchCost[] = [];
  for (const streams of values.batches) {
    const cost = await stepCost(session, streams, values.steps);
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
    threads: values.threads,
    loadMs,
    stateMiBPerStream: Math.round((bytesPerSlot / MIB) * 10) / 10,
    stepMs,
    batches,
    /** The largest measured batch whose p99 is within a step; 0 if none is. */
    streamsInTime: Math.max(0, ...inTime),
  };
  leaveResult(report, values.results);
}

await main(values.folder);
