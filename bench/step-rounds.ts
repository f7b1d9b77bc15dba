/** Rounds of the streaming engine's batch loop, back to back: what a step costs with so many streams. */
import { performance } from 'node:perf_hooks';
import { BatchLoop } from '../agents/speech/streaming/batch-loop.ts';
import { goldenSound } from '../agents/speech/streaming/fixtures/golden-sound.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { SlotTable } from '../agents/speech/streaming/slot-table.ts';
import type { SpeechSlot } from '../agents/speech/streaming/speech-slot.ts';
import type { StepSession } from '../agents/speech/streaming/step-session.ts';
import { percentile } from './percentile.ts';

export interface StepTimes {
  readonly streams: number;
  readonly rounds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of the round outside `session.run`: gather, scatter and everything between. Null where it is unknown. */
  readonly outsideRun: number | null;
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

  /** `silent`: nothing is ever said. */
  constructor(session: StepSession, streams: number, silent = false) {
    const { stepSamples } = session.files.manifest;
    this.#session = session;
    const slots = new SlotTable(session.files, new SlotState(session, streams));
    this.loop = new BatchLoop(session, slots);
    this.bytesPerSlot = slots.state.bytesPerSlot;
    this.#pieces = sounds.map((sound) =>
      Array.from({ length: Math.floor(sound.length / stepSamples) }, (_, i) =>
        silent ? new Int16Array(stepSamples) : sound.subarray(i * stepSamples, (i + 1) * stepSamples),
      ),
    );
    const owner = { language: 'fr', say: () => {}, handleSkipped: () => {} } as const;
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

  async round(): Promise<void> {
    const { frameMs } = this.#session.files.manifest;
    for (let i = 0; i < this.#slots.length; i++) {
      const pieces = this.#pieces[i % VOICES] as readonly Int16Array[];
      const piece = pieces[(this.#rounds + i) % pieces.length] as Int16Array;
      (this.#slots[i] as SpeechSlot).hear(piece, this.#rounds * frameMs, 0);
    }
    this.#rounds += 1;
    await this.loop.round(true);
  }
}

const WARM_ROUNDS = 12;

/** Something that takes one step of all its streams at a time. */
export interface Rounds {
  round(): Promise<void>;
  /** Time spent in the model so far, in ms, where that can be told. */
  readonly inModelMs?: number;
}

export async function timeRounds(batch: Rounds, streams: number, rounds: number): Promise<StepTimes> {
  for (let i = 0; i < WARM_ROUNDS; i++) await batch.round();
  const before = batch.inModelMs ?? Number.NaN;
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const startMs = performance.now();
    await batch.round();
    times.push(performance.now() - startMs);
  }
  const total = times.reduce((sum, ms) => sum + ms, 0);
  const inModel = (batch.inModelMs ?? Number.NaN) - before;
  const outsideRun = Number.isNaN(inModel) ? null : Math.round((1 - inModel / total) * 10_000) / 10_000;
  const [p50Ms, p99Ms] = [rounded(percentile(times, 0.5)), rounded(percentile(times, 0.99))];
  return { streams, rounds, p50Ms, p99Ms, outsideRun };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The most streams whose steps stay within `budgetMs` at the 99th percentile, and their times. */
export async function findLimit(
  batchOf: (streams: number) => Rounds,
  budgetMs: number,
  rounds: number,
): Promise<StepTimes> {
  let fits: StepTimes = { streams: 0, rounds, p50Ms: 0, p99Ms: 0, outsideRun: null };
  let next = 8;
  let tooMany = Number.POSITIVE_INFINITY;
  // Doubling, then halving the distance until it is within a few percent.
  while (next > fits.streams && next < tooMany) {
    const times = await timeRounds(batchOf(next), next, rounds);
    if (times.p99Ms <= budgetMs) fits = times;
    else tooMany = next;
    const isCloseEnough = tooMany - fits.streams <= Math.max(1, fits.streams * 0.04);
    if (isCloseEnough) break;
    next = tooMany === Number.POSITIVE_INFINITY ? next * 2 : Math.floor((fits.streams + tooMany) / 2);
  }
  return fits;
}
