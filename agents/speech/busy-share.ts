/** Share of the last seconds that a thread spent at work, from 0 to 1. */
import { performance } from 'node:perf_hooks';

/** Time over which the past is forgotten. */
const MEMORY_MS = 5_000;

export class BusyShare {
  #share = 0;
  #atMs = performance.now();

  /** Begins a piece of work; call what it returns when the work is done. */
  start(): () => void {
    const startMs = performance.now();
    return () => {
      this.#decay(startMs, 0);
      this.#decay(performance.now(), 1);
    };
  }

  get share(): number {
    this.#decay(performance.now(), 0);
    return this.#share;
  }

  #decay(untilMs: number, level: number): void {
    const keep = Math.exp(-Math.max(0, untilMs - this.#atMs) / MEMORY_MS);
    this.#share = level + (this.#share - level) * keep;
    this.#atMs = Math.max(this.#atMs, untilMs);
  }
}
