/**
 * The audio that one stream's next decoding will hear: log-mel frames from the utterance's start, or from the
 * last trim, to now, and where they lie on the caption clock. Samples are kept only until their frames are
 * computed. One model frame is two mel frames (20 ms).
 */
import { type LogMel, SILENCE_LOG_POWER } from './log-mel.ts';

/** Maps window positions to the caption clock: from `frame` on, time runs on from `startMs`. */
interface ClockAnchor {
  readonly frame: number;
  readonly startMs: number;
}

const MEL_PER_FRAME = 2;

/** Smaller steps of the clock than this are jitter and not worth an anchor. */
const CLOCK_SLACK_MS = 2;

export class SpeechWindow {
  readonly #mel: LogMel;
  readonly #frameMs: number;
  readonly #bands: number;
  readonly #maxFrames: number;
  /** Raw log10 powers [frame × 2][bands]. */
  #powers: Float32Array;
  #frames = 0;
  /** Samples from the beginning of the next frame's transform on. */
  #samples: Int16Array;
  #sampleCount = 0;
  #started = false;
  #anchors: ClockAnchor[] = [];

  constructor(mel: LogMel, sampleRateHz: number, maxFrames: number) {
    this.#mel = mel;
    this.#bands = mel.recipe.melBands;
    this.#frameMs = (1000 * MEL_PER_FRAME * mel.recipe.hopSamples) / sampleRateHz;
    this.#maxFrames = maxFrames;
    this.#powers = new Float32Array(maxFrames * MEL_PER_FRAME * this.#bands);
    this.#samples = new Int16Array(8 * mel.recipe.fftSamples);
  }

  /** Whole model frames so far. */
  get frames(): number {
    return this.#frames;
  }

  get isFull(): boolean {
    return this.#frames >= this.#maxFrames;
  }

  get lengthMs(): number {
    return this.#frames * this.#frameMs;
  }

  /** Caption-clock time of a position in the window, which may be a fraction of a frame. */
  timeAt(frame: number): number {
    let anchor = this.#anchors[0] ?? { frame: 0, startMs: 0 };
    for (const candidate of this.#anchors) if (candidate.frame <= frame) anchor = candidate;
    return anchor.startMs + (frame - anchor.frame) * this.#frameMs;
  }

  clear(): void {
    this.#frames = 0;
    this.#sampleCount = 0;
    this.#started = false;
    this.#anchors = [];
  }

  /** Appends samples whose first one is at `startMs`. What exceeds the window is not taken: check `isFull`. */
  push(samples: Int16Array, startMs: number): void {
    const half = this.#mel.recipe.fftSamples / 2;
    const hopMs = this.#frameMs / MEL_PER_FRAME / this.#mel.recipe.hopSamples;
    const pendingMs = (this.#sampleCount - (this.#started ? half : 0)) * hopMs;
    const frameStartMs = startMs - Math.max(0, pendingMs);
    if (this.#anchors.length === 0 || Math.abs(this.timeAt(this.#frames) - frameStartMs) > CLOCK_SLACK_MS) {
      this.#anchors.push({ frame: this.#frames, startMs: frameStartMs });
    }
    const needed = this.#sampleCount + samples.length + half;
    if (needed > this.#samples.length) {
      const grown = new Int16Array(needed * 2);
      grown.set(this.#samples.subarray(0, this.#sampleCount));
      this.#samples = grown;
    }
    this.#samples.set(samples, this.#sampleCount);
    this.#sampleCount += samples.length;
    if (!this.#started) this.#mirrorStart(half);
    if (this.#started) this.#computeFrames();
  }

  /** Removes the first frames, for instance those whose words are committed. */
  dropFirst(frames: number): void {
    const dropped = Math.min(frames, this.#frames);
    const width = MEL_PER_FRAME * this.#bands;
    this.#powers.copyWithin(0, dropped * width, this.#frames * width);
    const startMs = this.timeAt(dropped);
    this.#frames -= dropped;
    const kept = this.#anchors
      .filter((anchor) => anchor.frame > dropped)
      .map((anchor) => ({ frame: anchor.frame - dropped, startMs: anchor.startMs }));
    this.#anchors = [{ frame: 0, startMs }, ...kept];
  }

  /**
   * Writes the window as the model wants it, normalised, band by band: `target[offset + band · columns + t]`.
   * Columns beyond the window get the value of silence.
   */
  writeNormalised(target: Float32Array, offset: number, columns: number): void {
    const bands = this.#bands;
    const count = this.#frames * MEL_PER_FRAME;
    let max = SILENCE_LOG_POWER;
    for (let i = 0; i < count * bands; i++) max = Math.max(max, this.#powers[i] ?? max);
    const floor = max - 8;
    const silence = (Math.max(SILENCE_LOG_POWER, floor) + 4) / 4;
    for (let band = 0; band < bands; band++) {
      const row = offset + band * columns;
      for (let t = 0; t < count; t++) {
        target[row + t] = (Math.max(this.#powers[t * bands + band] ?? floor, floor) + 4) / 4;
      }
      target.fill(silence, row + count, row + columns);
    }
  }

  #mirrorStart(half: number): void {
    if (this.#sampleCount <= half) return;
    this.#samples.copyWithin(half, 0, this.#sampleCount);
    for (let i = 0; i < half; i++) this.#samples[i] = this.#samples[2 * half - i] ?? 0;
    this.#sampleCount += half;
    this.#started = true;
  }

  #computeFrames(): void {
    const { hopSamples, fftSamples } = this.#mel.recipe;
    const step = MEL_PER_FRAME * hopSamples;
    const width = MEL_PER_FRAME * this.#bands;
    let at = 0;
    while (at + hopSamples + fftSamples <= this.#sampleCount && !this.isFull) {
      const row = this.#frames * width;
      const first = this.#powers.subarray(row, row + this.#bands);
      const second = this.#powers.subarray(row + this.#bands, row + width);
      this.#mel.framePair(this.#samples, at, first, second);
      this.#frames += 1;
      at += step;
    }
    this.#samples.copyWithin(0, at, this.#sampleCount);
    this.#sampleCount -= at;
  }
}
