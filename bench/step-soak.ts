/**
 * Streams that join and leave a batch at random for a long time, each compared with what it says alone. Time is
 * that of the audio: rounds follow each other without a pause, and one that takes longer than a step is a deadline
 * missed.
 */
import { performance } from 'node:perf_hooks';
import type { SpeechEvent } from '../agents/speech/speech-engine.ts';
import { BatchLoop } from '../agents/speech/streaming/batch-loop.ts';
import { goldenSound } from '../agents/speech/streaming/fixtures/golden-sound.ts';
import { RecordingOwner, signOf } from '../agents/speech/streaming/fixtures/recording-owner.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { SlotTable } from '../agents/speech/streaming/slot-table.ts';
import type { SlotOwner, SpeechSlot } from '../agents/speech/streaming/speech-slot.ts';
import type { StepSession } from '../agents/speech/streaming/step-session.ts';
import { processorMs } from './processor-time.ts';

const VOICES = 6;
const VOICE_SECONDS = 30;
const SHORTEST_STEPS = 25;
/** Ten seconds of audio. */
export const PROGRESS_ROUNDS = 125;

export interface SoakOptions {
  readonly session: StepSession;
  /** Places, most of them taken at any time. */
  readonly streams: number;
  readonly rounds: number;
  /** Called after each {@link PROGRESS_ROUNDS}. */
  readonly onProgress?: (round: number) => void;
}

export interface SoakResult {
  readonly rounds: number;
  readonly finishedStreams: number;
  /** Streams whose text is not what they say alone. */
  readonly differentTexts: number;
  readonly characters: number;
  readonly missedDeadlines: number;
  /** Rounds that took longer than a step in processor time: what is missed without them, others on the machine took. */
  readonly missedInProcessorTime: number;
  readonly meanStreams: number;
  readonly roundMs: Float64Array;
}

/**
 * Compares what is said with what the voice says alone, and keeps nothing of it: what speakers remember would make the
 * heap rise and fall with their number and age, and drown the growth that is looked for.
 */
class ComparingOwner implements SlotOwner {
  readonly language = 'fr';
  readonly isLanguageKnown = true;
  readonly #expected: string;
  #said = 0;
  #isSame = true;

  constructor(expected: string) {
    this.#expected = expected;
  }

  handleLanguage(): void {}

  /** Characters said so far. */
  get said(): number {
    return this.#said;
  }

  /** All that was said is the first `characters` of what was expected. */
  isSame(characters: number): boolean {
    return this.#isSame && this.#said === characters;
  }

  say(event: SpeechEvent): void {
    const sign = signOf(event);
    if (!this.#expected.startsWith(sign, this.#said)) this.#isSame = false;
    this.#said += sign.length;
  }

  handleSkipped(): void {
    this.#isSame = false;
  }
}

interface Speaker {
  readonly slot: SpeechSlot;
  readonly owner: ComparingOwner;
  readonly voice: number;
  /** Steps until it leaves. */
  readonly steps: number;
  heard: number;
}

export class StepSoak {
  readonly #session: StepSession;
  readonly #voices: readonly Int16Array[];
  /** By voice: what it says alone, and how many characters of that after each step. */
  readonly #alone: { readonly text: string; readonly lengths: readonly number[] }[] = [];
  #random = 1;

  constructor(session: StepSession) {
    this.#session = session;
    this.#voices = Array.from({ length: VOICES }, (_, seed) => goldenSound(VOICE_SECONDS, seed + 1));
  }

  /** Must come first: what every voice says alone. */
  async recogniseAlone(): Promise<void> {
    for (let voice = 0; voice < VOICES; voice++) {
      const slots = new SlotTable(this.#session.files, new SlotState(this.#session, 1));
      const loop = new BatchLoop(this.#session, slots);
      const owner = new RecordingOwner();
      const slot = this.#begin(slots, owner);
      const lengths = [0];
      for (let step = 0; step < this.#voiceSteps; step++) {
        this.#hear(slot, voice, step);
        await loop.round(true);
        lengths.push(owner.text.length);
      }
      this.#alone.push({ text: owner.text, lengths });
    }
  }

  async run({ streams, rounds, onProgress }: SoakOptions): Promise<SoakResult> {
    const { frameMs } = this.#session.files.manifest;
    const slots = new SlotTable(this.#session.files, new SlotState(this.#session, streams));
    const loop = new BatchLoop(this.#session, slots);
    const places: (Speaker | null)[] = Array(streams).fill(null);
    // Made before: what grows while it is measured would be taken for a leak.
    const roundMs = new Float64Array(rounds);
    const sums = { finished: 0, different: 0, characters: 0, missed: 0, late: 0, present: 0 };
    for (let round = 0; round < rounds; round++) {
      for (let place = 0; place < streams; place++) {
        const speaker = places[place] ?? (this.#chance(0.1) ? this.#joinAnyone(slots) : null);
        places[place] = speaker;
        if (!speaker) continue;
        this.#hear(speaker.slot, speaker.voice, speaker.heard);
        speaker.heard += 1;
        sums.present += 1;
      }
      const [startMs, startCpuMs] = [performance.now(), processorMs()];
      await loop.round(true);
      const tookMs = performance.now() - startMs;
      roundMs[round] = tookMs;
      if (tookMs > frameMs) sums.missed += 1;
      if (processorMs() - startCpuMs > frameMs) sums.late += 1;
      for (const [place, speaker] of places.entries()) {
        if (!speaker || speaker.heard < speaker.steps) continue;
        sums.finished += 1;
        sums.characters += speaker.owner.said;
        const expected = this.#alone[speaker.voice]?.lengths[speaker.heard] ?? -1;
        if (!speaker.owner.isSame(expected)) sums.different += 1;
        slots.release(speaker.slot);
        places[place] = null;
      }
      if (round % PROGRESS_ROUNDS === PROGRESS_ROUNDS - 1) onProgress?.(round + 1);
    }
    return {
      rounds,
      finishedStreams: sums.finished,
      differentTexts: sums.different,
      characters: sums.characters,
      missedDeadlines: sums.missed,
      missedInProcessorTime: sums.late,
      meanStreams: Math.round((10 * sums.present) / rounds) / 10,
      roundMs,
    };
  }

  get #voiceSteps(): number {
    const { stepSamples, audio } = this.#session.files.manifest;
    return Math.floor(((this.#voices[0]?.length ?? 0) - audio.after) / stepSamples);
  }

  #joinAnyone(slots: SlotTable): Speaker {
    const voice = Math.floor(this.#uniform() * VOICES);
    const steps = SHORTEST_STEPS + Math.floor(this.#uniform() * (this.#voiceSteps - SHORTEST_STEPS));
    const owner = new ComparingOwner(this.#alone[voice]?.text ?? '');
    return { slot: this.#begin(slots, owner), owner, voice, steps, heard: 0 };
  }

  #begin(slots: SlotTable, owner: SlotOwner): SpeechSlot {
    const slot = slots.lease(owner);
    if (!slot) throw new Error('there are as many slots as places');
    slot.beginUtterance();
    return slot;
  }

  /** Step `step` of a voice; the first one comes with what a step needs from after its end. */
  #hear(slot: SpeechSlot, voice: number, step: number): void {
    const { stepSamples, frameMs, audio } = this.#session.files.manifest;
    const from = step * stepSamples + (step > 0 ? audio.after : 0);
    const to = (step + 1) * stepSamples + audio.after;
    slot.hear((this.#voices[voice] as Int16Array).subarray(from, to), step * frameMs, 0);
  }

  #chance(probability: number): boolean {
    return this.#uniform() < probability;
  }

  /** Reproducible. */
  #uniform(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#random / 2 ** 32;
  }
}
