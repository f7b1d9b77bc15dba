/**
 * Audio that a slot has been given and its model has not heard yet, with what the model is given again from before
 * it. Samples are numbered from the beginning of the lease. Its owner bounds it by looking at `end`.
 */
import { SampleTimes } from './sample-times.ts';

const FULL_SCALE = 32_768;

export class AudioBacklog {
  readonly times: SampleTimes;
  readonly #samples: Int16Array;
  #end = 0;

  /** Holds the last `capacity` samples. */
  constructor(capacity: number, sampleRateHz: number) {
    this.#samples = new Int16Array(capacity);
    this.times = new SampleTimes(sampleRateHz);
  }

  /** Number of the sample that comes next. */
  get end(): number {
    return this.#end;
  }

  get bytes(): number {
    return this.#samples.byteLength;
  }

  clear(): void {
    this.#end = 0;
    this.times.clear();
  }

  /** Appends samples from `from` on, whose first was heard at `startMs`. */
  push(samples: Int16Array, startMs: number, from = 0): void {
    this.times.mark(this.#end, startMs);
    const capacity = this.#samples.length;
    let at = this.#end % capacity;
    for (let i = from; i < samples.length; i++) {
      this.#samples[at] = samples[i] ?? 0;
      at = at + 1 === capacity ? 0 : at + 1;
    }
    this.#end += Math.max(0, samples.length - from);
  }

  pushSilence(count: number): void {
    const capacity = this.#samples.length;
    for (let i = 0; i < count; i++) this.#samples[(this.#end + i) % capacity] = 0;
    this.#end += count;
  }

  /**
   * Writes `count` samples from sample `at` on to `target[offset …]`, from -1 to 1. What lies before sample `first`
   * or from sample `last` on is silence.
   */
  read(target: Float32Array, offset: number, at: number, count: number, first: number, last: number): void {
    const capacity = this.#samples.length;
    const heard = Math.min(count, Math.max(0, first - at));
    const over = Math.min(count, Math.max(heard, last - at));
    target.fill(0, offset, offset + heard);
    // Without a question for each sample: all rows of a step are filled so.
    for (let i = heard; i < over; ) {
      let from = (((at + i) % capacity) + capacity) % capacity;
      const end = Math.min(over, i + capacity - from);
      for (; i < end; i++) target[offset + i] = (this.#samples[from++] as number) / FULL_SCALE;
    }
    target.fill(0, offset + over, offset + count);
  }
}
