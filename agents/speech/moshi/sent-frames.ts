/** Which frame was sent as the n-th of a connection, and when: a server counts from its own beginning. */

/** More than can be in flight, with the model's delay. */
const REMEMBERED = 1_024;
export class SentFrames {
  readonly #frames = new Int32Array(REMEMBERED);
  readonly #sentMs = new Float64Array(REMEMBERED);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  add(frame: number, nowMs: number): void {
    this.#frames[this.#count % REMEMBERED] = frame;
    this.#sentMs[this.#count % REMEMBERED] = nowMs;
    this.#count += 1;
  }

  /** Frame of a position, of the last one sent if it lies beyond; -1 before anything was sent. */
  frameAt(position: number): number {
    const at = Math.min(position, this.#count - 1);
    return at < 0 ? -1 : (this.#frames[at % REMEMBERED] ?? -1);
  }

  sentMsAt(position: number): number {
    return this.#sentMs[Math.max(0, Math.min(position, this.#count - 1)) % REMEMBERED] ?? 0;
  }
}
