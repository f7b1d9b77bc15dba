/**
 * Gives each frame of a track its time on the caption clock. Samples are evenly spaced, arrivals are not, so
 * time is counted in samples from an anchor: the arrival that had the least delay seen so far. The anchor follows
 * the drift between the two clocks slowly, and jumps only when audio was really missing (a pause of the track),
 * not when frames come late and then in a burst. Pure: time comes in as an argument.
 */

/** The least delay of this long is taken for drift. */
const DRIFT_WINDOW_MS = 5_000;
/** The anchor moves by at most this a frame while it follows: inaudible, and far below a frame. */
const MAX_SLEW_MS = 2;
/** Later than this many frames, for as long: samples are missing and the anchor jumps. */
const MISSING_AFTER_FRAMES = 1.5;
const MISSING_FOR_FRAMES = 5;

export class SampleClock {
  readonly #sampleRateHz: number;
  readonly #frameMs: number;
  /** Caption time of the end of the newest frame; null before the first. */
  #endMs: number | null = null;
  #windowStartMs = 0;
  #leastDelayMs = Number.POSITIVE_INFINITY;
  #driftMs = 0;
  #lateSinceMs: number | null = null;
  #leastLateMs = 0;

  constructor(sampleRateHz: number, frameMs: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#frameMs = frameMs;
  }

  /** Takes a frame that arrived at `readMs` and returns the caption time of its first sample. */
  handleFrame(sampleCount: number, readMs: number): number {
    const lengthMs = (sampleCount / this.#sampleRateHz) * 1000;
    if (this.#endMs === null) {
      this.#endMs = readMs;
      this.#windowStartMs = readMs;
      return readMs - lengthMs;
    }
    const delayMs = readMs - (this.#endMs + lengthMs);
    const correctionMs = this.#missing(delayMs, readMs) ?? this.#drift(delayMs, readMs);
    const startMs = this.#endMs + correctionMs;
    this.#endMs = startMs + lengthMs;
    return startMs;
  }

  /** How late a frame that arrives now would be: the audio that waits somewhere before us. */
  delayMs(sampleCount: number, readMs: number): number {
    if (this.#endMs === null) return 0;
    return readMs - this.#endMs - (sampleCount / this.#sampleRateHz) * 1000;
  }

  /** Counts a frame that was dropped unheard, so that the ones after it keep their times. */
  skipFrame(sampleCount: number): void {
    if (this.#endMs !== null) this.#endMs += (sampleCount / this.#sampleRateHz) * 1000;
  }

  #missing(delayMs: number, readMs: number): number | null {
    if (delayMs <= MISSING_AFTER_FRAMES * this.#frameMs) {
      this.#lateSinceMs = null;
      return null;
    }
    if (this.#lateSinceMs === null) {
      this.#lateSinceMs = readMs;
      this.#leastLateMs = delayMs;
      return null;
    }
    this.#leastLateMs = Math.min(this.#leastLateMs, delayMs);
    if (readMs - this.#lateSinceMs < MISSING_FOR_FRAMES * this.#frameMs) return null;
    this.#lateSinceMs = null;
    this.#restartWindow(readMs);
    return this.#leastLateMs;
  }

  #drift(delayMs: number, readMs: number): number {
    // Earlier than ever thought possible: the anchor was late. Known at once, followed gently.
    if (delayMs < 0) this.#driftMs = Math.min(this.#driftMs, delayMs);
    this.#leastDelayMs = Math.min(this.#leastDelayMs, delayMs);
    if (readMs - this.#windowStartMs >= DRIFT_WINDOW_MS) {
      if (this.#leastDelayMs > 0) this.#driftMs = this.#leastDelayMs;
      this.#restartWindow(readMs);
    }
    const stepMs = Math.max(-MAX_SLEW_MS, Math.min(MAX_SLEW_MS, this.#driftMs));
    this.#driftMs -= stepMs;
    this.#leastDelayMs -= stepMs;
    return stepMs;
  }

  #restartWindow(readMs: number): void {
    this.#windowStartMs = readMs;
    this.#leastDelayMs = Number.POSITIVE_INFINITY;
  }
}
