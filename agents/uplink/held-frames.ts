/**
 * The frames of one room that the agent can still send: those that no gateway has acknowledged, and as much
 * history as fits, for a gateway that restarts empty. Numbers are consecutive. Bounded by count
 * and bytes; when full the oldest frame goes, and the caller learns whether it was ever acknowledged.
 */
export interface HeldFrame {
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface HeldLimits {
  readonly frames: number;
  readonly bytes: number;
}

/** Dropped entries at the front are given back to memory once they outnumber the rest. */
const COMPACT_FROM = 64;

export class HeldFrames {
  readonly #limits: HeldLimits;
  #frames: (HeldFrame | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #lastNumber: number;
  #acknowledged: number;

  /** `lastNumber`: of the frame before the first, when the room was served earlier in this session. */
  constructor(limits: HeldLimits, lastNumber = 0) {
    this.#limits = limits;
    this.#lastNumber = lastNumber;
    this.#acknowledged = lastNumber;
  }

  get lastNumber(): number {
    return this.#lastNumber;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#frames.length - this.#head;
  }

  /** True when everything pushed so far is with a gateway. */
  get allAcknowledged(): boolean {
    return this.#acknowledged >= this.#lastNumber;
  }

  /** Returns how many frames that no gateway had acknowledged were dropped to make room. */
  push(bytes: Uint8Array): number {
    this.#lastNumber += 1;
    this.#frames.push({ number: this.#lastNumber, bytes });
    this.#bytes += bytes.byteLength;
    let lost = 0;
    while (this.count > 1 && (this.count > this.#limits.frames || this.#bytes > this.#limits.bytes)) {
      lost += this.dropOldest();
    }
    return lost;
  }

  /** Returns 1 when the frame that went had not been acknowledged, else 0. */
  dropOldest(): number {
    const oldest = this.#frames[this.#head];
    if (!oldest) return 0;
    this.#frames[this.#head] = undefined;
    this.#head += 1;
    this.#bytes -= oldest.bytes.byteLength;
    if (this.#head >= COMPACT_FROM && this.#head * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
    return oldest.number > this.#acknowledged ? 1 : 0;
  }

  dropAcknowledged(): void {
    for (;;) {
      const oldest = this.#frames[this.#head];
      if (!oldest || oldest.number > this.#acknowledged) return;
      this.dropOldest();
    }
  }

  /** A gateway holds everything up to `number`. Numbers that were never pushed are not believed. */
  acknowledge(number: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(number, this.#lastNumber));
  }

  /** The oldest held frame after `number`, if any. */
  next(number: number): HeldFrame | undefined {
    const first = this.#frames[this.#head];
    if (!first) return undefined;
    return this.#frames[this.#head + Math.max(0, number + 1 - first.number)];
  }
}
