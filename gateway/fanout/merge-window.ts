/**
 * How long a room's steps may wait for each other, so that one frame tells of several. Nearly all of a gateway's work is
 * writing to sockets, which costs by the frame and hardly by its length: with no time to write each step, two or three
 * in one frame are late by a fraction of a second, and without it all of them would be, more and more.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

const WATCH_EVERY_MS = 250;
/** Shares of the time in which the event loop was busy. */
const BUSY = 0.8;
const CALM = 0.4;
/** In a row: half a second of work is no load yet. */
const BUSY_READINGS = 2;
/** Merging itself makes the loop calmer, so that one calm reading proves nothing; nor may a burst be felt for long. */
const CALM_READINGS = 4;

export interface MergeWindowOptions {
  /** A step of the model is 80 ms: with 200 ms, one frame tells of one, two or three. */
  readonly maxMs: number;
  readonly onChange?: (ms: number) => void;
}

export class MergeWindow {
  readonly #options: MergeWindowOptions;
  #level: 0 | 1 | 2 = 0;
  #busyReadings = 0;
  #calmReadings = 0;
  #watching: NodeJS.Timeout | undefined;

  constructor(options: MergeWindowOptions) {
    this.#options = options;
  }

  /** 0: every step is told at once. */
  get ms(): number {
    return (this.#options.maxMs * this.#level) / 2;
  }

  /** Follows this thread's event loop from now on. */
  watch(): void {
    let before: EventLoopUtilization = performance.eventLoopUtilization();
    this.#watching = setInterval(() => {
      const now = performance.eventLoopUtilization();
      this.take(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    }, WATCH_EVERY_MS);
  }

  /** A reading, from 0 to 1. */
  take(utilization: number): void {
    this.#busyReadings = utilization > BUSY ? this.#busyReadings + 1 : 0;
    this.#calmReadings = utilization < CALM ? this.#calmReadings + 1 : 0;
    if (this.#busyReadings >= BUSY_READINGS && this.#level < 2) this.#enter(this.#level === 0 ? 1 : 2);
    else if (this.#calmReadings >= CALM_READINGS && this.#level > 0) this.#enter(this.#level === 2 ? 1 : 0);
  }

  close(): void {
    clearInterval(this.#watching);
  }

  #enter(level: 0 | 1 | 2): void {
    this.#level = level;
    this.#busyReadings = 0;
    this.#calmReadings = 0;
    this.#options.onChange?.(this.ms);
  }
}
