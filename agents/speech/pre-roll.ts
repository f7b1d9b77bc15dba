/**
 * The last moments before a voice is noticed, so that the beginning of its first word is not lost. Every open track
 * that is silent pushes its frames here, so a push moves nothing but the frame: what is held slides through a buffer
 * a quarter larger, and is moved back to its beginning when it has come to its end.
 */
export class PreRoll {
  readonly #buffer: Int16Array;
  readonly #capacity: number;
  readonly #sampleRateHz: number;
  #length = 0;
  /** In the buffer, after the newest sample. */
  #end = 0;
  #endMs = 0;

  constructor(sampleRateHz: number, lengthMs: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#capacity = Math.round((sampleRateHz * lengthMs) / 1000);
    this.#buffer = new Int16Array(Math.ceil(this.#capacity * 1.25));
  }

  /** What is held, oldest first; valid until the next call. */
  get samples(): Int16Array {
    return this.#buffer.subarray(this.#end - this.#length, this.#end);
  }

  /** Caption-clock time of the first sample held. */
  get startMs(): number {
    return this.#endMs - (this.#length * 1000) / this.#sampleRateHz;
  }

  push(samples: Int16Array, startMs: number): void {
    const taken =
      samples.length > this.#capacity ? samples.subarray(samples.length - this.#capacity) : samples;
    const kept = Math.min(this.#length, this.#capacity - taken.length);
    if (this.#end + taken.length > this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#end - kept, this.#end);
      this.#end = kept;
    }
    this.#buffer.set(taken, this.#end);
    this.#end += taken.length;
    this.#length = kept + taken.length;
    this.#endMs = startMs + (samples.length * 1000) / this.#sampleRateHz;
  }

  clear(): void {
    this.#length = 0;
    this.#end = 0;
  }
}
