/**
 * A microphone made of files: hands 10 ms frames to LiveKit at the pace of a clock, silence when there is
 * nothing to say. Without LiveKit's own queue, so that a frame leaves the moment it is "captured" and latencies
 * are honest. Sample k of a piece that begins at `startMs` counts as captured at `startMs + k / SOURCE_RATE_HZ`; when
 * this process is late, that shows as capture latency.
 */
import { AudioFrame, AudioSource } from '@livekit/rtc-node';
import { nowMs } from '../runtime/clock.ts';

/**
 * What the speech model hears and most recordings have. Opus gets it resampled natively; from here, 48 kHz would
 * cost a tenth of a core for each voice.
 */
export const SOURCE_RATE_HZ = 16_000;
export const SOURCE_FRAME_MS = 10;
const FRAME_SAMPLES = (SOURCE_RATE_HZ * SOURCE_FRAME_MS) / 1_000;
/** This much is decoded ahead: decoding in the middle of a frame would make it late. */
const AHEAD_SAMPLES = 60 * SOURCE_RATE_HZ;
/** Later than this (the machine slept) the clock moves on instead of sending all missed frames at once. */
const MAX_LATE_MS = 1_000;

/** Gets each frame after it was captured; `endMs` is the capture time of its last sample. */
export type CapturedListener = (frame: Int16Array, endMs: number) => void;

interface Speech {
  readonly pieces: AsyncIterator<Int16Array>;
  readonly ready: Int16Array[];
  readySamples: number;
  /** Samples of `ready[0]` that were already sent. */
  offset: number;
  reading: boolean;
  exhausted: boolean;
  startMs: number | null;
  readonly done: (result: SpokenSpan) => void;
  readonly fail: (error: unknown) => void;
}

/** When the first and the last sample were captured, Unix ms. */
export interface SpokenSpan {
  readonly startMs: number;
  readonly endMs: number;
}

export class PacedSource {
  readonly source = new AudioSource(SOURCE_RATE_HZ, 1, 0);
  readonly #onCaptured: CapturedListener | undefined;
  #speech: Speech | null = null;
  #running: Promise<void> | null = null;
  #closing = false;

  constructor(onCaptured?: CapturedListener) {
    this.#onCaptured = onCaptured;
  }

  /** From now on there is sound, if only silence. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Plays all pieces (mono, SOURCE_RATE_HZ). One speech at a time. */
  speak(pieces: AsyncIterable<Int16Array>): Promise<SpokenSpan> {
    return new Promise((done, fail) => {
      const speech: Speech = {
        pieces: pieces[Symbol.asyncIterator](),
        ready: [],
        readySamples: 0,
        offset: 0,
        reading: false,
        exhausted: false,
        startMs: null,
        done,
        fail,
      };
      void readAhead(speech).then(() => {
        this.#speech = speech;
      }, fail);
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
    await this.#speech?.pieces.return?.();
    await this.source.close();
  }

  async #run(): Promise<void> {
    const samples = new Int16Array(FRAME_SAMPLES);
    const frame = new AudioFrame(samples, SOURCE_RATE_HZ, 1, FRAME_SAMPLES);
    let endMs = nowMs() + SOURCE_FRAME_MS;
    while (!this.#closing) {
      const waitMs = endMs - nowMs();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (-waitMs > MAX_LATE_MS) endMs = nowMs();
      this.#fill(samples, endMs);
      await this.source.captureFrame(frame);
      this.#onCaptured?.(samples, endMs);
      endMs += SOURCE_FRAME_MS;
    }
  }

  #fill(frame: Int16Array, endMs: number): void {
    frame.fill(0);
    const speech = this.#speech;
    if (speech === null) return;
    let filled = 0;
    while (filled < frame.length) {
      const piece = speech.ready[0];
      if (piece === undefined) break;
      speech.startMs ??= endMs - SOURCE_FRAME_MS;
      const part = piece.subarray(speech.offset, speech.offset + frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      speech.offset += part.length;
      speech.readySamples -= part.length;
      if (speech.offset === piece.length) {
        speech.ready.shift();
        speech.offset = 0;
      }
    }
    if (speech.readySamples < AHEAD_SAMPLES / 2 && !speech.exhausted && !speech.reading) {
      readAhead(speech).catch((error: unknown) => {
        this.#speech = null;
        speech.fail(error);
      });
    }
    if (speech.exhausted && speech.ready.length === 0) {
      this.#speech = null;
      speech.done({ startMs: speech.startMs ?? endMs, endMs });
    }
  }
}

async function readAhead(speech: Speech): Promise<void> {
  speech.reading = true;
  while (speech.readySamples < AHEAD_SAMPLES && !speech.exhausted) {
    const next = await speech.pieces.next();
    if (next.done) {
      speech.exhausted = true;
    } else {
      speech.ready.push(next.value);
      speech.readySamples += next.value.length;
    }
  }
  speech.reading = false;
}
