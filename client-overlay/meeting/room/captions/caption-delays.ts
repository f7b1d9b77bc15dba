/**
 * How late the newest words were shown, stage by stage, from the times that they bring along. Every difference is
 * between two readings of one clock, so this computer's may be wrong; the network's way from the gateway to here is
 * therefore not part of it (the gateway estimates that, for operators). Bounded: the oldest words make way.
 */
import type { CaptionsWord } from '../../../overlay/captions-events.ts';

const WORDS_KEPT = 200;

/** In milliseconds. */
export interface CaptionDelay {
  /** From the beginning of the word until it was recognised: it is heard to its end, and decided on. */
  readonly recognised: number;
  /** From there until the gateway published it. */
  readonly sent: number;
  /** From its arrival in this page until its animation frame. */
  readonly painted: number;
  readonly total: number;
}

export interface DelayFigures {
  /** Half of the words were quicker, and 95 % were. */
  readonly p50: number;
  readonly p95: number;
}

export type DelaySummary = Readonly<Record<keyof CaptionDelay, DelayFigures>> & { readonly words: number };

export class CaptionDelays {
  readonly #delays: CaptionDelay[] = [];
  #next = 0;

  /** Words without times (history, what a person wrote) are left out. */
  handleWord({ times, startMs, receivedAt, shownAt }: CaptionsWord): void {
    if (times === null || times.steppedUs === 0) return;
    const recognised = times.audioMs + times.steppedUs / 1_000 - startMs;
    const sent = (times.publishedUs - times.steppedUs) / 1_000;
    const painted = shownAt - receivedAt;
    this.#delays[this.#next] = { recognised, sent, painted, total: recognised + sent + painted };
    this.#next = (this.#next + 1) % WORDS_KEPT;
  }

  /** Null while no word has come. */
  summary(): DelaySummary | null {
    const words = this.#delays.length;
    if (words === 0) return null;
    const figures = (part: keyof CaptionDelay): DelayFigures => {
      const sorted = this.#delays.map((delay) => delay[part]).sort((a, b) => a - b);
      const at = (share: number) => Math.round(sorted[Math.floor((words - 1) * share)] ?? 0);
      return { p50: at(0.5), p95: at(0.95) };
    };
    return {
      words,
      recognised: figures('recognised'),
      sent: figures('sent'),
      painted: figures('painted'),
      total: figures('total'),
    };
  }
}
