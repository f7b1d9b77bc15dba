/**
 * The audio of a lease in frames of the server's step: those that wait to be sent, and behind them the last ones
 * that were, for a server that has to hear them again. Frames are numbered from the lease's beginning; each knows
 * its time on the caption clock, because silence is put between them that nobody heard.
 */
import { MOSHI_FRAME_MS, MOSHI_FRAME_SAMPLES } from './moshi-message.ts';

export class FrameStore {
  readonly #capacity: number;
  readonly #samples: Int16Array;
  readonly #startMs: Float64Array;
  readonly #readMs: Float64Array;
  /** Frames of the silence that was put in: no time passes in them. */
  readonly #silent: Uint8Array;
  #written = 0;
  #filled = 0;
  #endMs = 0;

  /** `capacity`: whole frames kept at least. */
  constructor(capacity: number) {
    this.#capacity = capacity + 1;
    this.#samples = new Int16Array(this.#capacity * MOSHI_FRAME_SAMPLES);
    this.#startMs = new Float64Array(this.#capacity);
    this.#readMs = new Float64Array(this.#capacity);
    this.#silent = new Uint8Array(this.#capacity);
  }

  /** Number of the frame that is written next. */
  get written(): number {
    return this.#written;
  }

  /** The oldest frame that is still held. */
  get oldest(): number {
    return Math.max(0, this.#written - this.#capacity + 1);
  }

  /** Samples of the frame that is not yet whole. */
  get partialSamples(): number {
    return this.#filled;
  }

  /** Caption time of the end of all audio. */
  get endMs(): number {
    return this.#endMs;
  }

  write(samples: Int16Array, startMs: number, readMs: number): void {
    for (let at = 0; at < samples.length; ) {
      const row = this.#written % this.#capacity;
      if (this.#filled === 0) {
        this.#startMs[row] = startMs + (at * MOSHI_FRAME_MS) / MOSHI_FRAME_SAMPLES;
        this.#silent[row] = 0;
      }
      this.#readMs[row] = readMs;
      const taken = Math.min(MOSHI_FRAME_SAMPLES - this.#filled, samples.length - at);
      const piece = samples.subarray(at, at + taken);
      this.#samples.set(piece, row * MOSHI_FRAME_SAMPLES + this.#filled);
      at += taken;
      this.#advance(taken);
    }
    this.#endMs = startMs + (samples.length * MOSHI_FRAME_MS) / MOSHI_FRAME_SAMPLES;
  }

  /** Fills the last frame up with zeros, so that it can be sent. */
  pad(): void {
    if (this.#filled === 0) return;
    const begin = (this.#written % this.#capacity) * MOSHI_FRAME_SAMPLES;
    this.#samples.fill(0, begin + this.#filled, begin + MOSHI_FRAME_SAMPLES);
    this.#advance(MOSHI_FRAME_SAMPLES - this.#filled);
  }

  /** Appends frames of silence that take no time. */
  appendSilence(frames: number): void {
    this.pad();
    for (let i = 0; i < frames; i++) {
      const row = this.#written % this.#capacity;
      const begin = row * MOSHI_FRAME_SAMPLES;
      this.#samples.fill(0, begin, begin + MOSHI_FRAME_SAMPLES);
      this.#startMs[row] = this.#endMs;
      this.#readMs[row] = this.#readMs[(this.#written + this.#capacity - 1) % this.#capacity] ?? 0;
      this.#silent[row] = 1;
      this.#advance(MOSHI_FRAME_SAMPLES);
    }
  }

  /** A view, valid until the frame is overwritten. */
  samplesOf(frame: number): Int16Array {
    const begin = (frame % this.#capacity) * MOSHI_FRAME_SAMPLES;
    return this.#samples.subarray(begin, begin + MOSHI_FRAME_SAMPLES);
  }

  readMsOf(frame: number): number {
    return this.#readMs[frame % this.#capacity] ?? 0;
  }

  /** Caption time of a place in a frame, `part` from 0 to 1; of the nearest frame held. */
  timeAt(frame: number, part = 0): number {
    if (frame >= this.#written) return this.#endMs;
    const row = Math.max(frame, this.oldest) % this.#capacity;
    const passedMs = this.#silent[row] === 1 || frame < this.oldest ? 0 : part * MOSHI_FRAME_MS;
    return (this.#startMs[row] ?? 0) + passedMs;
  }

  /** The newest frame that begins no later than a caption time; the oldest one if all begin later. */
  frameAt(timeMs: number): number {
    for (let frame = this.#written - 1; frame > this.oldest; frame--) {
      if (this.#silent[frame % this.#capacity] === 0 && this.timeAt(frame) <= timeMs) return frame;
    }
    return this.oldest;
  }

  #advance(samples: number): void {
    this.#filled += samples;
    if (this.#filled < MOSHI_FRAME_SAMPLES) return;
    this.#filled = 0;
    this.#written += 1;
  }
}
