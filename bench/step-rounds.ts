/** Rounds of the streaming engine's batch loop, back to back: what a step costs with so many streams. */
import { performance } from 'node:perf_hooks';
import { BatchLoop } from '../agents/speech/streaming/batch-loop.ts';
import { goldenSound } from '../agents/speech/streaming/fixtures/golden-sound.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { SlotTable } from '../agents/speech/streaming/slot-table.ts';
import type { SpeechSlot } from '../agents/speech/streaming/speech-slot.ts';
import type { StepSession } from '../agents/speech/streaming/step-session.ts';
import { percentile } from './percentile.ts';
import { processorMs } from './processor-time.ts';

export interface StepTimes {
  readonly streams: number;
  readonly rounds: number;
  /** Processor time of a round, all threads of the process: what a busy machine does not change much. */
  readonly p50CpuMs: number;
  readonly p99CpuMs: number;
  /** The same by the clock. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /**
   * Share of the loop's time outside `session.run`: gather, scatter and everything between. Null where it is unknown.
   * Other programs may take the core in any part; the median of the rounds' own shares is without that.
   */
  readonly outsideRun: number | null;
  readonly outsideRunP50: number | null;
}

const SOUND_SECONDS = 10;
const VOICES = 8;
const sounds = Array.from({ length: VOICES }, (_, seed) => goldenSound(SOUND_SECONDS, seed + 1));

/** A full batch whose streams all speak; `round` gives each of them its next step and takes it. */
export class FullBatch implements Rounds {
  readonly loop: BatchLoop;
  readonly bytesPerSlot: number;
  readonly #session: StepSession;
  readonly #slots: SpeechSlot[] = [];
  readonly #pieces: readonly (readonly Int16Array[])[];
  #rounds = 0;
  #intakeMs = 0;

  /** `silent`: nothing is ever said. */
  constructor(session: StepSession, streams: number, silent = false) {
    const { stepSamples } = session.files.manifest;
    this.#session = session;
    const state = new SlotState(session, streams);
    // The kernel gives out memory page by page when it is first written, which is dear. Slots that have been used for
    // a while are what is measured, so all of it is written once.
    for (let slot = 0; slot < streams; slot++) state.move((slot + 1) % streams, slot);
    const slots = new SlotTable(session.files, state);
    this.loop = new BatchLoop(session, slots);
    this.bytesPerSlot = state.bytesPerSlot;
    this.#pieces = sounds.map((sound) =>
      Array.from({ length: Math.floor(sound.length / stepSamples) }, (_, i) =>
        silent ? new Int16Array(stepSamples) : sound.subarray(i * stepSamples, (i + 1) * stepSamples),
      ),
    );
    const owner = {
      language: 'fr',
      isLanguageKnown: true,
      handleLanguage: () => {},
      say: () => {},
      handleSkipped: () => {},
    } as const;
    for (let i = 0; i < streams; i++) {
      const slot = slots.lease(owner);
      if (!slot) throw new Error('the table is as large as the batch');
      slot.beginUtterance();
      // What a step needs from after its end is there from the start.
      slot.hearSilence(session.files.manifest.audio.after);
      this.#slots.push(slot);
    }
  }

  get inModelMs(): number {
    return this.loop.times.stepMs;
  }

  get inIntakeMs(): number {
    return this.#intakeMs;
  }

  async round(): Promise<void> {
    const { frameMs } = this.#session.files.manifest;
    const startMs = performance.now();
    for (let i = 0; i < this.#slots.length; i++) {
      const pieces = this.#pieces[i % VOICES] as readonly Int16Array[];
      const piece = pieces[(this.#rounds + i) % pieces.length] as Int16Array;
      (this.#slots[i] as SpeechSlot).hear(piece, this.#rounds * frameMs, 0);
    }
    this.#intakeMs += performance.now() - startMs;
    this.#rounds += 1;
    await this.loop.round(true);
  }
}

const WARM_ROUNDS = 5;
const PROBES = 4;

/** Something that takes one step of all its streams at a time. */
export interface Rounds {
  round(): Promise<void>;
  /** Time spent in the model so far, in ms, where that can be told. */
  readonly inModelMs?: number;
  /** Time spent so far in handing over audio, which in the product comes between the steps. */
  readonly inIntakeMs?: number;
}

export async function timeRounds(batch: Rounds, streams: number, rounds: number): Promise<StepTimes> {
  for (let i = 0; i < WARM_ROUNDS; i++) await batch.round();
  const wall: number[] = [];
  const inModel: number[] = [];
  const inLoop: number[] = [];
  const processor: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const before = batch.inModelMs ?? Number.NaN;
    const intakeBefore = batch.inIntakeMs ?? 0;
    const [startMs, startCpuMs] = [performance.now(), processorMs()];
    await batch.round();
    wall.push(performance.now() - startMs);
    processor.push(processorMs() - startCpuMs);
    inModel.push((batch.inModelMs ?? Number.NaN) - before);
    inLoop.push((wall.at(-1) ?? 0) - (batch.inIntakeMs ?? 0) + intakeBefore);
  }
  const shares = inLoop.map((ms, i) => 1 - (inModel[i] ?? Number.NaN) / ms);
  return {
    streams,
    rounds,
    p50CpuMs: rounded(percentile(processor, 0.5)),
    p99CpuMs: rounded(percentile(processor, 0.99)),
    p50Ms: rounded(percentile(wall, 0.5)),
    p99Ms: rounded(percentile(wall, 0.99)),
    outsideRun: share(1 - sum(inModel) / sum(inLoop)),
    outsideRunP50: share(percentile(shares, 0.5)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function share(value: number): number | null {
  return Number.isNaN(value) ? null : Math.round(value * 10_000) / 10_000;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * The most streams found whose steps take at most `budgetMs` of processor time at the 99th percentile. `known`: times
 * of another number of streams, from which the search sets out.
 */
export async function findLimit(
  batchOf: (streams: number) => Rounds,
  budgetMs: number,
  known: StepTimes,
  rounds: number,
): Promise<StepTimes> {
  let fits = known;
  let last = known;
  for (let probe = 0; probe < PROBES; probe++) {
    const streams = Math.max(1, Math.floor((last.streams * budgetMs) / last.p99CpuMs));
    if (streams === last.streams) break;
    last = await timeRounds(batchOf(streams), streams, rounds);
    if (last.p99CpuMs <= budgetMs && (fits.p99CpuMs > budgetMs || last.streams > fits.streams)) fits = last;
  }
  return fits;
}
