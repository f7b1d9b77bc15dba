/** Audio of one stream that was not heard, told in pieces that a reader can bear: at once, then now and again. */
import type { SpeechSkipped } from '../speech-engine.ts';
import { STREAMING } from './streaming-settings.ts';

export class SkipReport {
  #fromMs = 0;
  #toMs = 0;
  #pending = false;
  #reportedMs = Number.NEGATIVE_INFINITY;

  /** Not heard, on the caption clock; joined with what is pending. */
  add(fromMs: number, toMs: number): void {
    if (toMs <= fromMs) return;
    this.#fromMs = this.#pending ? Math.min(this.#fromMs, fromMs) : fromMs;
    this.#toMs = this.#pending ? Math.max(this.#toMs, toMs) : toMs;
    this.#pending = true;
  }

  /** What is to be told at `nowMs`. `force`: something follows that must not come before it. */
  take(nowMs: number, force = false): SpeechSkipped | null {
    if (!this.#pending) return null;
    if (!force && nowMs - this.#reportedMs < STREAMING.waitReportMs) return null;
    this.#pending = false;
    this.#reportedMs = nowMs;
    return { type: 'skipped', fromMs: this.#fromMs, toMs: this.#toMs };
  }
}
