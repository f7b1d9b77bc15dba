/**
 * Caption-clock times of a stream's samples, counted from the beginning of its lease. Clocks drift and streams
 * pause, so it is a short list of anchors; samples in between are evenly spaced.
 */

/** Enough for the samples that a model still has text to give for. */
const ANCHORS = 8;
/** Smaller deviations than this are jitter and not worth an anchor. */
const SLACK_MS = 2;

export class SampleTimes {
  readonly #sampleRateHz: number;
  readonly #samples = new Float64Array(ANCHORS);
  readonly #times = new Float64Array(ANCHORS);
  #count = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Sample `sample` was heard at `timeMs`; so are those after it, until the next call. */
  mark(sample: number, timeMs: number): void {
    if (this.#count > 0 && Math.abs(this.at(sample) - timeMs) <= SLACK_MS) return;
    if (this.#count === ANCHORS) {
      this.#samples.copyWithin(0, 1);
      this.#times.copyWithin(0, 1);
      this.#count -= 1;
    }
    this.#samples[this.#count] = sample;
    this.#times[this.#count] = timeMs;
    this.#count += 1;
  }

  at(sample: number): number {
    let anchor = Math.max(0, this.#count - 1);
    while (anchor > 0 && (this.#samples[anchor] ?? 0) > sample) anchor -= 1;
    return (this.#times[anchor] ?? 0) + ((sample - (this.#samples[anchor] ?? 0)) * 1000) / this.#sampleRateHz;
  }
}
