/** The last moments before a voice is noticed, so that the beginning of its first word is not lost. */
export class PreRoll {
  readonly #samples: Int16Array;
  readonly #sampleRateHz: number;
  #length = 0;
  #endMs = 0;

  constructor(sampleRateHz: number, lengthMs: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#samples = new Int16Array(Math.round((sampleRateHz * lengthMs) / 1000));
  }

  /** What is held, oldest first; valid until the next call. */
  get samples(): Int16Array {
    return this.#samples.subarray(0, this.#length);
  }

  /** Caption-clock time of the first sample held. */
  get startMs(): number {
    return this.#endMs - (this.#length * 1000) / this.#sampleRateHz;
  }

  push(samples: Int16Array, startMs: number): void {
    const capacity = this.#samples.length;
    const taken = samples.length > capacity ? samples.subarray(samples.length - capacity) : samples;
    const kept = Math.min(this.#length, capacity - taken.length);
    this.#samples.copyWithin(0, this.#length - kept, this.#length);
    this.#samples.set(taken, kept);
    this.#length = kept + taken.length;
    this.#endMs = startMs + (samples.length * 1000) / this.#sampleRateHz;
  }

  clear(): void {
    this.#length = 0;
  }
}
