/**
 * Streams that join and leave a batch at random for a long time, each compared with what it says alone. Time is
 * that of the audio: rounds follow each other without a pause, and one that takes longer than a step is a deadline
 * missed.
 */
import { performance } from 'node:perf_hooks';
import { BatchLoop } from '../agents/speech/streaming/batch-loop.ts';
import { goldenSound } from '../agents/speech/streaming/fixtures/golden-sound.ts';
import { RecordingOwner } from '../agents/speech/streaming/fixtures/recording-owner.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { SlotTable } from '../agents/speech/streaming/slot-table.ts';
import type { SpeechSlot } from '../agents/speech/streaming/speech-slot.ts';
import type { StepSession } from '../agents/speech/streaming/step-session.ts';

const VOICES = 6;
const VOICE_SECONDS = 30;
const SHORTEST_STEPS = 25;

export interface SoakOptions {
  readonly session: StepSession;
  /** Places, most of them taken at any time. */
  readonly streams: number;
  readonly rounds: number;
  /** Called about every ten seconds of audio. */
  readonly onProgress?: (round: number) => void;
}

export interface SoakResult {
  readonly rounds: number;
  readonly finishedStreams: number;
  /** Streams whose text is not what they say alone. */
  readonly differentTexts: number;
  readonly characters: number;
  readonly missedDeadlines: number;
  readonly meanStreams: number;
  readonly roundMs: Float64Array;
}

interface Speaker {
  readonly slot: SpeechSlot;
  readonly owner: RecordingOwner;
  readonly voice: number;
  /** Steps until it leaves. */
  readonly steps: number;
  heard: number;
}

export class StepSoak {
  readonly #session: StepSession;
  readonly #voices: readonly Int16Array[];
  /** Text by voice and number of steps. */
  readonly #alone: string[][] = [];
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
      const speaker = this.#join(slots, voice, this.#voiceSteps);
      const texts = [''];
      while (speaker.heard < speaker.steps) {
        this.#hear(speaker);
        await loop.round(true);
        texts.push(speaker.owner.text);
      }
      this.#alone.push(texts);
    }
  }

  async run({ streams, rounds, onProgress }: SoakOptions): Promise<SoakResult> {
    const { frameMs } = this.#session.files.manifest;
    const slots = new SlotTable(this.#session.files, new SlotState(this.#session, streams));
    const loop = new BatchLoop(this.#session, slots);
    const places: (Speaker | null)[] = Array(streams).fill(null);
    // Made before: what grows while it is measured would be taken for a leak.
    const roundMs = new Float64Array(rounds);
    const sums = { finished: 0, different: 0, characters: 0, missed: 0, present: 0 };
    for (let round = 0; round < rounds; round++) {
      for (let place = 0; place < streams; place++) {
        const speaker = places[place] ?? (this.#chance(0.1) ? this.#joinAnyone(slots) : null);
        places[place] = speaker;
        if (!speaker) continue;
        this.#hear(speaker);
        sums.present += 1;
      }
      const startMs = performance.now();
      await loop.round(true);
      const tookMs = performance.now() - startMs;
      roundMs[round] = tookMs;
      if (tookMs > frameMs) sums.missed += 1;
      for (const [place, speaker] of places.entries()) {
        if (!speaker || speaker.heard < speaker.steps) continue;
        sums.finished += 1;
        sums.characters += speaker.owner.text.length;
        if (speaker.owner.text !== this.#alone[speaker.voice]?.[speaker.heard]) sums.different += 1;
        slots.release(speaker.slot);
        places[place] = null;
      }
      if (round % 125 === 124) onProgress?.(round + 1);
    }
    return {
      rounds,
      finishedStreams: sums.finished,
      differentTexts: sums.different,
      characters: sums.characters,
      missedDeadlines: sums.missed,
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
    return this.#join(slots, voice, steps);
  }

  #join(slots: SlotTable, voice: number, steps: number): Speaker {
    const owner = new RecordingOwner();
    const slot = slots.lease(owner);
    if (!slot) throw new Error('there are as many slots as places');
    slot.beginUtterance();
    return { slot, owner, voice, steps, heard: 0 };
  }

  #hear(speaker: Speaker): void {
    const { stepSamples, frameMs, audio } = this.#session.files.manifest;
    const from = speaker.heard * stepSamples + (speaker.heard > 0 ? audio.after : 0);
    const to = (speaker.heard + 1) * stepSamples + audio.after;
    const voice = this.#voices[speaker.voice] as Int16Array;
    speaker.slot.hear(voice.subarray(from, to), speaker.heard * frameMs, 0);
    speaker.heard += 1;
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
