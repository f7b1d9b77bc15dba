/**
 * The transcript that a viewer holds: caption events in, utterances in the order in which the turns began out.
 * Knows neither clock nor page; applying any event twice, or a welcome over what is held, changes nothing.
 * Holds {@link MAX_UTTERANCES} and {@link MAX_GAPS}; the oldest go, and how many went is counted.
 */
import type { CaptionEvent, CaptionGap, CaptionStatus } from '../../protocol/caption-event.ts';
import { type CaptionUtterance, changeUtterance, type UtteranceEvent } from './caption-utterance.ts';

/** Some three hours of lively talk. */
export const MAX_UTTERANCES = 5_000;
export const MAX_GAPS = 500;

export type LinesChange =
  | { readonly type: 'none' }
  | { readonly type: 'grown' | 'replaced'; readonly utterance: CaptionUtterance; readonly before: number }
  | { readonly type: 'gap'; readonly gap: CaptionGap }
  | { readonly type: 'status'; readonly status: CaptionStatus }
  /** The host has erased all of it. */
  | { readonly type: 'erased' }
  /** The sender is to be asked for what is missing; nothing changed. */
  | { readonly type: 'needs-resume'; readonly utterance: number; readonly reason: 'hole' | 'mismatch' };

const NONE: LinesChange = { type: 'none' };

export class CaptionLines {
  readonly #byId = new Map<number, CaptionUtterance>();
  /** Sorted by start of turn, then id. */
  readonly #ordered: CaptionUtterance[] = [];
  readonly #gaps: CaptionGap[] = [];
  #status: CaptionStatus | null = null;
  #evicted = 0;
  #newestMs = 0;

  /** By start of turn. The array is the live one: read, never keep. */
  get utterances(): readonly CaptionUtterance[] {
    return this.#ordered;
  }

  get gaps(): readonly CaptionGap[] {
    return this.#gaps;
  }

  get status(): CaptionStatus | null {
    return this.#status;
  }

  /** How many utterances were forgotten to keep within bounds. */
  get evicted(): number {
    return this.#evicted;
  }

  /** The latest moment on the caption clock of which something is held; 0 at first. */
  get newestMs(): number {
    return this.#newestMs;
  }

  get(id: number): CaptionUtterance | undefined {
    return this.#byId.get(id);
  }

  apply(event: CaptionEvent): LinesChange {
    switch (event.type) {
      case 'status':
        return this.#applyStatus(event);
      case 'gap':
        return this.#applyGap(event);
      case 'erased':
        return this.#applyErased();
      default:
        return this.#applyUtterance(event);
    }
  }

  clear(): void {
    this.#byId.clear();
    this.#ordered.length = 0;
    this.#gaps.length = 0;
    this.#status = null;
    this.#evicted = 0;
    this.#newestMs = 0;
  }

  #applyErased(): LinesChange {
    if (this.#ordered.length === 0 && this.#gaps.length === 0) return NONE;
    const status = this.#status;
    this.clear();
    this.#status = status;
    return { type: 'erased' };
  }

  #applyStatus(status: CaptionStatus): LinesChange {
    // The last word counts, not the latest `sinceMs`: after a move it comes from another gateway's clock.
    if (this.#status?.state === status.state && this.#status.sinceMs === status.sinceMs) return NONE;
    this.#status = status;
    return { type: 'status', status };
  }

  #applyGap(gap: CaptionGap): LinesChange {
    const known = this.#gaps.some(
      (held) => held.identity === gap.identity && held.fromMs === gap.fromMs && held.toMs === gap.toMs,
    );
    if (known) return NONE;
    insertSorted(this.#gaps, gap, (one, other) => one.fromMs - other.fromMs || one.toMs - other.toMs);
    if (this.#gaps.length > MAX_GAPS) this.#gaps.shift();
    this.#newestMs = Math.max(this.#newestMs, gap.toMs);
    return { type: 'gap', gap };
  }

  #applyUtterance(event: UtteranceEvent): LinesChange {
    const held = this.#byId.get(event.utterance);
    const change = changeUtterance(held, event);
    if (change.type === 'none') return NONE;
    if (change.type === 'needs-resume') return { ...change, utterance: event.utterance };
    const { utterance } = change;
    this.#byId.set(utterance.id, utterance);
    if (held?.startMs === utterance.startMs) this.#ordered[this.#indexOf(held)] = utterance;
    else {
      if (held) this.#ordered.splice(this.#indexOf(held), 1);
      insertSorted(this.#ordered, utterance, byStart);
    }
    this.#newestMs = Math.max(this.#newestMs, newestMsOf(utterance));
    this.#evictOldest();
    return { type: change.type, utterance, before: held?.text.length ?? 0 };
  }

  #evictOldest(): void {
    if (this.#ordered.length <= MAX_UTTERANCES) return;
    const oldest = this.#ordered.shift();
    if (oldest) this.#byId.delete(oldest.id);
    this.#evicted += 1;
  }

  #indexOf(held: CaptionUtterance): number {
    for (let index = this.#ordered.length - 1; index >= 0; index -= 1) {
      if (this.#ordered[index] === held) return index; // what changes is nearly always among the newest
    }
    throw new Error('an utterance is held but not in order');
  }
}

function newestMsOf(utterance: CaptionUtterance): number {
  const lastWordMs = utterance.startMs + (utterance.wordTimes.at(-1) ?? 0);
  return Math.max(lastWordMs, utterance.endMs ?? 0);
}

function byStart(one: CaptionUtterance, other: CaptionUtterance): number {
  return one.startMs - other.startMs || one.id - other.id;
}

function insertSorted<T>(sorted: T[], item: T, compare: (one: T, other: T) => number): void {
  let index = sorted.length;
  for (; index > 0; index -= 1) {
    const before = sorted[index - 1];
    if (before === undefined || compare(before, item) <= 0) break;
  }
  sorted.splice(index, 0, item);
}
