/**
 * Takes in caption events, from the socket or from the page, and keeps what the element paints and tells: the
 * transcript, the rows on screen, and the words that wait for a frame. Knows no elements.
 */
import type { CaptionEvent, CaptionGap, CaptionState, StageTimes } from '../../protocol/caption-event.ts';
import { CaptionLines } from './caption-lines.ts';
import type { CaptionDelivery, CaptionWelcome } from './caption-socket.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import type { CaptionsWord } from './captions-events.ts';
import { type RowLimits, VisibleRows } from './visible-rows.ts';

export interface CaptionFeedCallbacks {
  /** New on screen or in the transcript: paint in the next frame. */
  readonly onChange: () => void;
  /** The gateway's word on the room, null when it was forgotten. */
  readonly onStatus: (state: CaptionState | null) => void;
  readonly onGap: (gap: CaptionGap) => void;
  /** An utterance was finished just now. */
  readonly onFinished: (utterance: CaptionUtterance) => void;
  /** Something before what came is missing; told once for each utterance. */
  readonly onIncomplete: () => void;
  /** The transcript: an utterance is longer, or (`null`) something began, went, was corrected or replaced. */
  readonly onTranscript?: (grown: CaptionUtterance | null) => void;
  /** The host has erased everything. */
  readonly onErased?: () => void;
  /** In words; `name` of the speaker whom it concerns, null for all. */
  readonly gapText: (gap: CaptionGap, name: string | null) => string;
}

export type UnpaintedWord = Omit<CaptionsWord, 'shownAt'>;

/** History that ended longer ago than this is for the transcript, not for the screen. */
const SHOWN_HISTORY_MS = 15_000;
/** Words that wait for a frame; a hidden page paints none, and then nobody measures them: the oldest go. */
const MAX_UNPAINTED_WORDS = 500;
/** Whose beginning nobody holds any more would otherwise be asked for with every word. */
const MAX_ASKED_FOR = 100;

interface Origin {
  readonly times: StageTimes | null;
  /** Of history, what ended before this is not brought on screen. */
  readonly shownFromMs: number;
  /** News rather than history. */
  readonly live: boolean;
}

/** Of a pinned speaker: utterances before the pin that are shown at once. */
const PINNED_UTTERANCES = 2;

export class CaptionFeed {
  readonly lines = new CaptionLines();
  readonly rows: VisibleRows;
  #pinned: { readonly identity: string; readonly rows: VisibleRows } | null = null;
  readonly #callbacks: CaptionFeedCallbacks;
  readonly #askedFor = new Set<number>();
  #unpainted: UnpaintedWord[] = [];
  #anyWords = false;

  constructor(limits: RowLimits, callbacks: CaptionFeedCallbacks) {
    this.rows = new VisibleRows(limits);
    this.#callbacks = callbacks;
  }

  /** Words have come for the screen since {@link startViewing}. */
  get anyWords(): boolean {
    return this.#anyWords;
  }

  /** The rows of the pinned speaker; null when nobody is. */
  get pinnedRows(): VisibleRows | null {
    return this.#pinned?.rows ?? null;
  }

  /** Gives a speaker rows that nobody else's words and no silence can take away; null: as everybody. */
  pin(identity: string | null, limits: RowLimits): void {
    if (identity === (this.#pinned?.identity ?? null)) return;
    this.#pinned = identity === null ? null : { identity, rows: new VisibleRows(limits, { clears: false }) };
    if (this.#pinned) {
      const now = performance.now();
      const isTheirs = ({ speaker }: CaptionUtterance) => speaker.identity === identity;
      this.rows.remove(isTheirs);
      const theirs = this.lines.utterances.filter(isTheirs);
      for (const spoken of theirs.slice(-PINNED_UTTERANCES)) this.#pinned.rows.grow(spoken, 0, now);
    }
    this.#callbacks.onChange();
  }

  startViewing(): void {
    this.#anyWords = false;
  }

  /** The words that came since the last call, to be told once they are painted. */
  takeWords(): UnpaintedWord[] {
    return this.#unpainted.splice(0);
  }

  clear(): void {
    this.lines.clear();
    this.clearScreen();
    this.#unpainted = [];
    this.#anyWords = false;
    this.#callbacks.onTranscript?.(null);
    this.#callbacks.onStatus(null);
    this.#callbacks.onChange();
  }

  clearScreen(): void {
    this.rows.clear();
    this.#pinned?.rows.clear();
  }

  /** The connection is gone, which `text` says on screen; null: it is back. */
  hold(text: string | null): void {
    this.rows.hold(text, performance.now());
  }

  handleEvents(events: readonly CaptionEvent[], times: StageTimes | null = null): void {
    this.#apply(events, { times, shownFromMs: Number.NEGATIVE_INFINITY, live: true });
  }

  handleDelivery({ events, times, welcome }: CaptionDelivery): void {
    if (welcome === null) {
      this.handleEvents(events, times);
      return;
    }
    const heldUntilMs = this.lines.newestMs;
    const shownFromMs = welcome.serverMs - SHOWN_HISTORY_MS;
    // A first welcome is all history; a later one tells what was missed.
    const origin = { times: null, shownFromMs, live: heldUntilMs > 0 };
    this.#apply(events, origin);
    const gap = heldUntilMs > 0 && !welcome.recovered ? gapAfter(heldUntilMs, events, welcome) : null;
    if (gap) this.#apply([gap], origin);
  }

  #apply(events: readonly CaptionEvent[], origin: Origin): void {
    const now = performance.now();
    for (const event of events) {
      const change = this.lines.apply(event);
      switch (change.type) {
        case 'none':
          break;
        case 'grown':
          this.#handleGrown(change.utterance, change.before, origin, now);
          break;
        case 'replaced':
          this.#rowsOf(change.utterance).replace(change.utterance, now);
          this.#callbacks.onTranscript?.(null);
          break;
        case 'gap':
          this.#callbacks.onTranscript?.(null);
          this.#handleGap(change.gap, origin, now);
          break;
        case 'erased':
          this.clearScreen();
          this.#unpainted = [];
          this.#callbacks.onErased?.();
          break;
        case 'status':
          this.#callbacks.onStatus(change.status.state);
          break;
        case 'needs-resume':
          this.#handleIncomplete(change.utterance);
          break;
      }
    }
    this.#callbacks.onChange();
  }

  #handleGrown(utterance: CaptionUtterance, before: number, origin: Origin, now: number): void {
    const { endMs, wordTimes, startMs, id, speaker, text } = utterance;
    if (endMs !== null && origin.live) this.#callbacks.onFinished(utterance);
    if (text.length === before) return;
    this.#callbacks.onTranscript?.(before === 0 ? null : utterance);
    if (endMs !== null && endMs < origin.shownFromMs) return;
    this.#anyWords = true;
    this.#rowsOf(utterance).grow(utterance, before, now);
    this.#unpainted.push({
      utterance: id,
      identity: speaker.identity,
      offset: before,
      text: text.slice(before),
      startMs: startMs + (wordTimes.at(-2) ?? 0),
      endMs: startMs + (wordTimes.at(-1) ?? 0),
      receivedAt: now,
      times: origin.times,
    });
    if (this.#unpainted.length > MAX_UNPAINTED_WORDS) this.#unpainted.shift();
  }

  #rowsOf({ speaker }: CaptionUtterance): VisibleRows {
    return this.#pinned?.identity === speaker.identity ? this.#pinned.rows : this.rows;
  }

  #handleIncomplete(utterance: number): void {
    if (this.#askedFor.has(utterance)) return;
    if (this.#askedFor.size >= MAX_ASKED_FOR) this.#askedFor.clear();
    this.#askedFor.add(utterance);
    this.#callbacks.onIncomplete();
  }

  #handleGap(gap: CaptionGap, origin: Origin, now: number): void {
    this.#callbacks.onGap(gap);
    if (gap.toMs < origin.shownFromMs) return;
    const { identity, fromMs } = gap;
    this.rows.addGap({ fromMs, text: this.#callbacks.gapText(gap, this.nameOf(identity)) }, now);
  }

  /** Null: of nobody who has spoken. */
  nameOf(identity: string | null): string | null {
    if (identity === null) return null;
    return (
      this.lines.utterances.findLast(({ speaker }) => speaker.identity === identity)?.speaker.name ?? null
    );
  }
}

/** What the gateway no longer holds of the time after `heldUntilMs`; null when it turns out to be nothing. */
function gapAfter(
  heldUntilMs: number,
  events: readonly CaptionEvent[],
  welcome: CaptionWelcome,
): CaptionGap | null {
  const starts = events.flatMap((event) => (event.type === 'restored' ? [event.startMs] : []));
  // Another gateway sent all it has. The oldest goes first, so what reaches further back than ours lacks nothing.
  if (welcome.renumbered && starts.some((startMs) => startMs <= heldUntilMs)) return null;
  const toMs = Math.min(welcome.serverMs, ...starts.filter((startMs) => startMs > heldUntilMs));
  if (toMs <= heldUntilMs) return null;
  return { type: 'gap', identity: null, fromMs: heldUntilMs, toMs, reason: 'captions-lost' };
}
