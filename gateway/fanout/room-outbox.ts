/**
 * What must reach a room's log although the bus cannot take it now: what a host decides, what a person writes. In
 * order, one at a time, and again until it is taken; every such input may be in the log twice. Bounded; when full
 * the oldest goes, which viewers see as a gap where it leaves one, and which is counted.
 */
import type { RoomInput } from '../bus/room-input.ts';

const MAX_INPUTS = 1_000;

export interface RoomOutboxOptions {
  /** Rejects when the input must be offered again. */
  readonly append: (input: RoomInput) => Promise<unknown>;
  readonly onDropped: () => void;
}

export class RoomOutbox {
  readonly #options: RoomOutboxOptions;
  #waiting: RoomInput[] = [];
  #isSending = false;

  constructor(options: RoomOutboxOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Offered in this very call when nothing waits before it. */
  push(input: RoomInput): void {
    this.#waiting.push(input);
    if (this.#waiting.length > MAX_INPUTS) {
      this.#waiting.splice(this.#isSending ? 1 : 0, 1);
      this.#options.onDropped();
    }
    void this.send();
  }

  /** To be called now and then, and when the bus is found again. */
  async send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
        await this.#options.append(next);
        this.#waiting.shift();
      }
    } catch {
      // It stays first in line; whoever pushed it was promised no time.
    } finally {
      this.#isSending = false;
    }
  }
}
