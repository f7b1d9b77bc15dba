/**
 * What a room's viewers have been told, kept so that one who comes late or comes back is told exactly what is
 * missing. Not a list of frames but their outcome: each utterance with the number of the frame that last changed
 * it, so a catch-up is never longer than what it says. Invariant, whatever the events and wherever a viewer was
 * cut off: its state plus {@link UtteranceLog.since} equals the state of a viewer that never left.
 *
 * Bounded by age, number and characters; the oldest closed utterance goes first, and whoever had not yet
 * got it is told so (`complete` false).
 */
import type {
  CaptionEvent,
  CaptionGap,
  CaptionStatus,
  CaptionsErased,
  TextAppended,
  UtteranceClosed,
  UtteranceRestored,
} from '../../protocol/caption-event.ts';
import {
  appendPiece,
  lastWordEndMs,
  openedEvent,
  restoredEvent,
  type Utterance,
  utteranceOpened,
  utteranceRestored,
  withoutText,
} from './utterance.ts';

export interface LogLimits {
  readonly maxAgeMs: number;
  readonly maxUtterances: number;
  /** UTF-16 units of text; bounds the size of a whole catch-up. */
  readonly maxCharacters: number;
}

export interface CatchUp {
  readonly events: CaptionEvent[];
  /** False: something newer than the viewer's position is no longer held. */
  readonly complete: boolean;
}

interface NumberedGap {
  readonly gap: CaptionGap;
  seq: number;
  readonly atMs: number;
}

/** A whole log. Numbers are those of the room; `atMs` is when it was changed, by the gateways' clocks. */
export interface SavedLog {
  readonly trimmedSeq: number;
  readonly status: { readonly status: CaptionStatus; readonly seq: number } | null;
  readonly erased: { readonly event: CaptionsErased; readonly seq: number } | null;
  readonly gaps: readonly Readonly<NumberedGap>[];
  readonly utterances: readonly {
    readonly event: UtteranceRestored;
    readonly seq: number;
    readonly atMs: number;
    readonly lost: number;
  }[];
}

/** An open utterance that nobody touched for so long belongs to an agent that is no more. */
const OPEN_UTTERANCE_AGE_MS = 600_000;

export class UtteranceLog {
  readonly #limits: LogLimits;
  readonly #utterances = new Map<number, Utterance>();
  #gaps: NumberedGap[] = [];
  #status: { status: CaptionStatus; seq: number } | null = null;
  #erased: { event: CaptionsErased; seq: number } | null = null;
  #characters = 0;
  /** The newest frame of which something is gone. */
  #trimmedSeq = 0;
  /** Utterances whose beginning was never held, and since when something of them is missing. */
  readonly #unknown = new Map<number, number>();

  constructor(limits: LogLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#utterances.size;
  }

  /** More is held than the bounds allow: {@link trim} is due. */
  get isOverfull(): boolean {
    return (
      this.#utterances.size > this.#limits.maxUtterances || this.#characters > this.#limits.maxCharacters
    );
  }

  get status(): CaptionStatus | null {
    return this.#status?.status ?? null;
  }

  /**
   * Takes an event of frame `seq` and returns what viewers must be told of it: nothing if it changes nothing,
   * more than the event if it shows that something is missing.
   */
  apply(event: CaptionEvent, seq: number, nowMs: number): CaptionEvent[] {
    switch (event.type) {
      case 'opened': {
        if (this.#utterances.has(event.utterance)) return [];
        this.#keep(utteranceOpened(event), seq, nowMs);
        return [event];
      }
      case 'appended':
        return this.#append(event, seq, nowMs);
      case 'closed': {
        const utterance = this.#utterances.get(event.utterance);
        if (!utterance) return this.#closeUnknown(event, seq, nowMs);
        if (utterance.endMs !== null) return [];
        const missing = event.length - utterance.lost > utterance.text.length;
        const gap: CaptionGap = {
          type: 'gap',
          identity: utterance.speaker.identity,
          fromMs: lastWordEndMs(utterance),
          toMs: Math.max(event.endMs, lastWordEndMs(utterance)),
          reason: 'captions-lost',
        };
        utterance.endMs = event.endMs;
        this.#touch(utterance, seq, nowMs);
        const closed = { ...event, length: utterance.text.length };
        return missing ? [...this.apply(gap, seq, nowMs), closed] : [closed];
      }
      case 'restored': {
        const held = this.#utterances.get(event.utterance);
        if (held && !isNewer(event, held)) return [];
        if (held) this.#forget(held);
        this.#keep(utteranceRestored(event), seq, nowMs);
        return [event];
      }
      case 'gap': {
        if (this.#gaps.some(({ gap }) => sameGap(gap, event))) return [];
        this.#gaps.push({ gap: event, seq, atMs: nowMs });
        return [event];
      }
      case 'status': {
        const last = this.#status?.status;
        if (last && last.state === event.state && last.sinceMs === event.sinceMs) return [];
        this.#status = { status: event, seq };
        return [event];
      }
      case 'erased':
        return this.#erase(event, seq, nowMs);
    }
  }

  /** Everything that changed after frame `seq`; after 0, everything that is held. */
  since(seq: number): CatchUp {
    const events: CaptionEvent[] = [];
    if (this.#erased && this.#erased.seq > seq) events.push(this.#erased.event);
    for (const { gap, seq: changedSeq } of this.#gaps) if (changedSeq > seq) events.push(gap);
    for (const utterance of this.#utterances.values()) {
      if (utterance.changedSeq > seq) events.push(restoredEvent(utterance));
    }
    if (this.#status) events.push(this.#status.status);
    return { events, complete: seq >= this.#trimmedSeq };
  }

  /** An utterance as it stands, while it is held. */
  get(id: number): UtteranceRestored | undefined {
    const utterance = this.#utterances.get(id);
    return utterance && restoredEvent(utterance);
  }

  /** The log as it stands, for another node's {@link restore}. */
  save(): SavedLog {
    return {
      trimmedSeq: this.#trimmedSeq,
      status: this.#status,
      erased: this.#erased,
      gaps: this.#gaps,
      utterances: [...this.#utterances.values()].map((utterance) => ({
        event: restoredEvent(utterance),
        seq: utterance.changedSeq,
        atMs: utterance.changedAtMs,
        lost: utterance.lost,
      })),
    };
  }

  /**
   * Merges a saved log and returns what viewers must be told of it. `seq`: of the changes; without it, the numbers
   * that they had, which is right only for a log that is empty.
   */
  restore(saved: SavedLog, seq?: number): CaptionEvent[] {
    const told: CaptionEvent[] = [];
    const { erased } = saved;
    if (erased && erased.event.atMs > (this.#erased?.event.atMs ?? 0)) {
      told.push(...this.apply(erased.event, seq ?? erased.seq, erased.event.atMs));
    }
    for (const { gap, seq: changedSeq, atMs } of saved.gaps) {
      told.push(...this.apply(gap, seq ?? changedSeq, atMs));
    }
    for (const { event, seq: changedSeq, atMs, lost } of saved.utterances) {
      const changes = this.apply(event, seq ?? changedSeq, atMs);
      const utterance = this.#utterances.get(event.utterance);
      if (changes.length > 0 && utterance) utterance.lost = lost;
      told.push(...changes);
    }
    if (saved.status) told.push(...this.apply(saved.status.status, seq ?? saved.status.seq, 0));
    if (seq === undefined) this.#trimmedSeq = Math.max(this.#trimmedSeq, saved.trimmedSeq);
    return told;
  }

  /** Some text is held that a saved log lacks; `otherwise`: utterances not to be compared. */
  holdsMoreThan(saved: SavedLog | null, otherwise: ReadonlySet<number>): boolean {
    const known = new Map(saved?.utterances.map(({ event }) => [event.utterance, event]));
    const erasedAtMs = saved?.erased?.event.atMs ?? 0;
    if (erasedAtMs > (this.#erased?.event.atMs ?? 0)) return false;
    return [...this.#utterances.values()].some(({ id, text, revision }) => {
      const other = known.get(id);
      if (otherwise.has(id) || text === '') return false;
      if (other === undefined || other.revision !== revision) return revision > (other?.revision ?? -1);
      return text.length > other.text.length;
    });
  }

  /** Everything up to `seq` may be incomplete: it was never here. */
  noteMissing(seq: number): void {
    this.#trimmedSeq = Math.max(this.#trimmedSeq, seq);
  }

  /** Another numbering, in which all that is held has happened by `seq`. */
  renumber(seq: number): void {
    this.#trimmedSeq = Math.min(this.#trimmedSeq, seq);
    if (this.#status) this.#status.seq = Math.min(this.#status.seq, seq);
    if (this.#erased) this.#erased.seq = Math.min(this.#erased.seq, seq);
    for (const gap of this.#gaps) gap.seq = Math.min(gap.seq, seq);
    for (const utterance of this.#utterances.values()) {
      utterance.changedSeq = Math.min(utterance.changedSeq, seq);
    }
  }

  /** Closing events for every open utterance of the machine: whoever spoke them into text is gone. */
  closeOpen(isMeant: (identity: string) => boolean = () => true): CaptionEvent[] {
    const events: CaptionEvent[] = [];
    for (const utterance of this.#utterances.values()) {
      if (utterance.endMs !== null || utterance.source === 'human') continue;
      if (!isMeant(utterance.speaker.identity)) continue;
      const length = utterance.text.length + utterance.lost;
      events.push({ type: 'closed', utterance: utterance.id, length, endMs: lastWordEndMs(utterance) });
    }
    return events;
  }

  /** Forgets what is over its age, then, while over the bounds, the oldest closed ones, then the oldest. */
  trim(nowMs: number): void {
    const { maxAgeMs, maxUtterances } = this.#limits;
    for (const utterance of this.#utterances.values()) {
      const ageMs = nowMs - utterance.changedAtMs;
      const allowedMs = utterance.endMs === null ? Math.max(maxAgeMs, OPEN_UTTERANCE_AGE_MS) : maxAgeMs;
      if (ageMs > allowedMs) this.#trimOne(utterance);
    }
    for (const mayBeOpen of [false, true]) {
      if (!this.isOverfull) break;
      for (const utterance of this.#utterances.values()) {
        if (!this.isOverfull) break;
        if (mayBeOpen || utterance.endMs !== null) this.#trimOne(utterance);
      }
    }
    const surplus = this.#gaps.length - maxUtterances;
    this.#gaps = this.#gaps.filter(({ seq, atMs }, index) => {
      const stays = nowMs - atMs <= maxAgeMs && index >= surplus;
      if (!stays) this.#trimmedSeq = Math.max(this.#trimmedSeq, seq);
      return stays;
    });
  }

  /** Whoever speaks at this moment begins anew: what they said so far is gone, what follows is not. */
  #erase(event: CaptionsErased, seq: number, nowMs: number): CaptionEvent[] {
    const open = [...this.#utterances.values()].filter(({ endMs }) => endMs === null);
    this.#utterances.clear();
    this.#gaps = [];
    this.#unknown.clear();
    this.#characters = 0;
    this.#erased = { event, seq };
    const reopened = open.map(withoutText);
    for (const utterance of reopened) this.#keep(utterance, seq, nowMs);
    return [event, ...reopened.map(openedEvent)];
  }

  #trimOne(utterance: Utterance): void {
    this.#forget(utterance);
    this.#trimmedSeq = Math.max(this.#trimmedSeq, utterance.changedSeq);
  }

  #append(event: TextAppended, seq: number, nowMs: number): CaptionEvent[] {
    const utterance = this.#utterances.get(event.utterance);
    if (!utterance) return this.#appendUnknown(event, seq, nowMs);
    if (utterance.endMs !== null || utterance.revision > 0) return [];
    const offset = event.offset - utterance.lost;
    const known = utterance.text.length - offset;
    if (known < 0) utterance.lost -= known;
    const text = known > 0 ? event.text.slice(known) : event.text;
    if (text === '') return [];
    const piece: TextAppended = { ...event, offset: utterance.text.length, text };
    appendPiece(utterance, piece);
    this.#characters += text.length;
    this.#touch(utterance, seq, nowMs);
    return [piece];
  }

  /**
   * The beginning of this utterance was lost before it got here, so it cannot be kept; viewers who have it
   * from before can still use the rest. Everybody is told that something is missing: once now, not with every
   * word, and again of the whole when it is over.
   */
  #appendUnknown(event: TextAppended, seq: number, nowMs: number): CaptionEvent[] {
    if (this.#unknown.has(event.utterance)) return [event];
    if (this.#unknown.size >= this.#limits.maxUtterances) this.#unknown.clear();
    this.#unknown.set(event.utterance, event.startMs);
    return [event, ...this.apply(captionsLost(event.startMs, event.endMs), seq, nowMs)];
  }

  #closeUnknown(event: UtteranceClosed, seq: number, nowMs: number): CaptionEvent[] {
    const fromMs = this.#unknown.get(event.utterance);
    if (fromMs === undefined) return [];
    this.#unknown.delete(event.utterance);
    return [event, ...this.apply(captionsLost(fromMs, Math.max(fromMs, event.endMs)), seq, nowMs)];
  }

  #keep(utterance: Utterance, seq: number, nowMs: number): void {
    this.#utterances.set(utterance.id, utterance);
    this.#characters += utterance.text.length;
    this.#unknown.delete(utterance.id);
    this.#touch(utterance, seq, nowMs);
  }

  #forget(utterance: Utterance): void {
    this.#utterances.delete(utterance.id);
    this.#characters -= utterance.text.length;
  }

  #touch(utterance: Utterance, seq: number, nowMs: number): void {
    utterance.changedSeq = seq;
    utterance.changedAtMs = nowMs;
  }
}

/** A restored utterance only ever adds: more text, an end, or a human's higher revision. */
function isNewer(event: { text: string; endMs: number | null; revision: number }, held: Utterance): boolean {
  if (event.revision !== held.revision) return event.revision > held.revision;
  if (event.text.length !== held.text.length) return event.text.length > held.text.length;
  return event.endMs !== null && held.endMs === null;
}

function captionsLost(fromMs: number, toMs: number): CaptionGap {
  return { type: 'gap', identity: null, fromMs, toMs, reason: 'captions-lost' };
}

function sameGap(a: CaptionGap, b: CaptionGap): boolean {
  return a.identity === b.identity && a.fromMs === b.fromMs && a.toMs === b.toMs && a.reason === b.reason;
}
