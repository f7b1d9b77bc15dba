/**
 * One room's captions: tells its viewers each entry of the room's log in a frame of that number, and holds what a
 * returning viewer lacks. Invariant: a change of what is held and the publishing of the frame that tells of it
 * happen in the same turn of the event loop, so that a catch-up of any moment plus all later frames is complete.
 */
import type {
  CaptionEvent,
  CaptionGap,
  CaptionState,
  StageTimes,
  UtteranceRestored,
} from '../../protocol/caption-event.ts';
import {
  HEARTBEAT_MS,
  packEvents,
  packToViewer,
  packWelcome,
  type ViewerJoin,
} from '../../protocol/viewer-message.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { RoomCopy } from './room-copy.ts';
import { type LogLimits, type SavedLog, UtteranceLog } from './utterance-log.ts';

/** Looking for what is too old takes time that captions wait for: now and then, and not all rooms at once. */
const TRIM_EVERY_MS = 10_000;

/** Hands a packed message to every viewer of the room. */
export type Publish = (room: string, message: Uint8Array) => void;

export interface CatchUp {
  readonly welcome: Uint8Array;
  /** False: something after the viewer's position is no longer held. */
  readonly recovered: boolean;
}

interface PackedHistory {
  /** As of this frame. */
  readonly seq: number;
  readonly complete: boolean;
  readonly packed: Uint8Array;
}

export class RoomCaptions {
  readonly room: string;
  readonly #publish: Publish;
  readonly #log: UtteranceLog;
  /** Names the numbering, which all nodes share; 0 before it is known. */
  #epoch = 0;
  #seq = 0;
  /** What the frame being made will tell. */
  #told: CaptionEvent[] = [];
  #times: StageTimes | null = null;
  #lastAudioMs = 0;
  /** Said to the viewers of this node only, because it cannot hear of the room. */
  #interruptedSinceMs: number | null = null;
  #history: PackedHistory | null = null;
  #publishedAtMs = nowMs();
  #trimAtMs = nowMs() + Math.random() * TRIM_EVERY_MS;

  constructor(room: string, limits: LogLimits, publish: Publish) {
    this.room = room;
    this.#log = new UtteranceLog(limits);
    this.#publish = publish;
  }

  get state(): CaptionState | null {
    return this.#log.status?.state ?? null;
  }

  get isEmpty(): boolean {
    return this.#log.size === 0;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get seq(): number {
    return this.#seq;
  }

  /** End of the newest audio that any agent has told of, on the caption clock; 0 before the first. */
  get lastAudioMs(): number {
    return this.#lastAudioMs;
  }

  /** Adds to the frame being made. `times` must be complete up to `sentUs`, `receivedMs` is when they came. */
  take(
    events: readonly CaptionEvent[],
    times: StageTimes | null,
    receivedMs: number,
    seq = this.#seq + 1,
  ): void {
    const atMs = receivedMs || nowMs();
    for (const event of events) this.#told.push(...this.#log.apply(event, seq, atMs));
    this.#lastAudioMs = Math.max(this.#lastAudioMs, times?.audioMs ?? newestWordMs(events));
    if (times && times.audioMs >= (this.#times?.audioMs ?? 0)) {
      this.#times = { ...times, receivedUs: microsecondsAfter(times.audioMs, receivedMs) };
    }
  }

  /**
   * Publishes what was taken in so many steps, as the frame that follows. Returns the times of the newest audio in it, complete, or
   * null when there were none or nothing had to be told.
   */
  publish(steps = 1): StageTimes | null {
    const events = this.#told;
    const times = events.length === 0 ? null : this.#times;
    this.#told = [];
    this.#times = null;
    this.#seq += steps;
    this.#publishedAtMs = nowMs();
    const stamped = times && {
      ...times,
      publishedUs: microsecondsAfter(times.audioMs, this.#publishedAtMs),
    };
    const frame = { type: 'frame', epoch: this.#epoch, seq: this.#seq, times: stamped, events } as const;
    this.#publish(this.room, packToViewer(steps === 1 ? frame : { ...frame, steps }));
    return stamped;
  }

  /** Merges another node's copy into what is held; {@link moveTo} tells the viewers. */
  restore({ log, lastAudioMs }: Pick<RoomCopy, 'log' | 'lastAudioMs'>, seq?: number): void {
    this.#told.push(...this.#log.restore(log, seq));
    this.#lastAudioMs = Math.max(this.#lastAudioMs, lastAudioMs);
  }

  /** Than another node's copy, leaving out utterances that come `otherwise`. */
  holdsMoreThan(saved: SavedLog | null, otherwise: ReadonlySet<number>): boolean {
    return this.#log.holdsMoreThan(saved, otherwise);
  }

  save(): Pick<RoomCopy, 'log' | 'lastAudioMs'> {
    return { log: this.#log.save(), lastAudioMs: this.#lastAudioMs };
  }

  /** The same, with a gap from the newest audio until now; one that holds nothing has nothing to lose. */
  saveAfterLoss(): Pick<RoomCopy, 'log' | 'lastAudioMs'> {
    const saved = this.save();
    if (this.isEmpty) return saved;
    const atMs = Math.round(nowMs());
    const fromMs = Math.min(atMs, Math.round(this.#lastAudioMs) || atMs);
    const gap: CaptionGap = { type: 'gap', identity: null, fromMs, toMs: atMs, reason: 'captions-lost' };
    return { ...saved, log: { ...saved.log, gaps: [...saved.log.gaps, { gap, seq: this.#seq, atMs }] } };
  }

  /**
   * What this node held ends at `heldUntilMs`, and what was taken just now comes from nodes that did not have it: what
   * was said between may have reached nobody.
   */
  markLoss(heldUntilMs: number, seq: number): void {
    const starts = this.#told.flatMap((event) => ('startMs' in event ? [event.startMs] : []));
    const toMs = Math.min(...starts.filter((startMs) => startMs > heldUntilMs));
    if (!Number.isFinite(toMs)) return;
    const fromMs = Math.round(heldUntilMs);
    const gap: CaptionGap = { type: 'gap', identity: null, fromMs, toMs, reason: 'captions-lost' };
    this.take([gap], null, 0, seq);
  }

  /**
   * Another position, whose frames never came one by one: viewers get what was taken with a second welcome.
   * `missingSeq`: what happened up to it is not all here.
   */
  moveTo({ epoch, seq, missingSeq }: { epoch: number; seq: number; missingSeq: number | null }): void {
    const isFirst = this.#epoch === 0;
    if (epoch !== this.#epoch && !isFirst) this.#log.renumber(seq);
    if (missingSeq !== null) this.#log.noteMissing(Math.min(missingSeq, seq));
    this.#epoch = epoch;
    this.#seq = seq;
    this.#history = null;
    const events = this.#told;
    this.#told = [];
    this.#times = null;
    if (!isFirst) this.#welcomeAgain(events, missingSeq === null);
  }

  /** This node cannot hear of the room; its viewers, and those who come, are told. */
  interrupt(): void {
    if (this.#interruptedSinceMs !== null || this.#log.status === null) return;
    this.#interruptedSinceMs = Math.round(nowMs());
    this.#history = null;
    this.#welcomeAgain(this.#interruption(), true);
  }

  /** It hears again. */
  resume(): void {
    if (this.#interruptedSinceMs === null) return;
    this.#interruptedSinceMs = null;
    this.#history = null;
    const status = this.#log.status;
    if (status) this.#welcomeAgain([status], true);
  }

  #welcomeAgain(events: readonly CaptionEvent[], recovered: boolean): void {
    const { epoch } = this;
    this.#publishedAtMs = nowMs();
    const welcome = { epoch, seq: this.#seq, serverMs: this.#publishedAtMs, recovered };
    this.#publish(this.room, packWelcome(welcome, packEvents(events)));
  }

  #interruption(): CaptionEvent[] {
    const sinceMs = this.#interruptedSinceMs;
    return sinceMs === null ? [] : [{ type: 'status', state: 'interrupted', sinceMs }];
  }

  closeOpen(isMeant?: (identity: string) => boolean): CaptionEvent[] {
    return this.#log.closeOpen(isMeant);
  }

  utterance(id: number): UtteranceRestored | undefined {
    return this.#log.get(id);
  }

  /** A packed welcome for a viewer at this position. */
  catchUp(position: Pick<ViewerJoin, 'epoch' | 'seq'>): CatchUp {
    const since = position.epoch === this.#epoch && position.seq <= this.#seq ? position.seq : 0;
    const { complete, packed } = since === 0 ? this.#wholeHistory() : this.#historySince(since);
    // Somebody who was never here has missed nothing.
    const recovered = complete || position.epoch === 0;
    const { epoch } = this;
    return {
      recovered,
      welcome: packWelcome({ epoch, seq: this.#seq, serverMs: nowMs(), recovered }, packed),
    };
  }

  /** After a restart all viewers come at once and want all of it: it is packed once a frame, not once a viewer. */
  #wholeHistory(): PackedHistory {
    if (this.#history?.seq !== this.#seq) this.#history = this.#historySince(0);
    return this.#history;
  }

  #historySince(since: number): PackedHistory {
    const { events, complete } = this.#log.since(since);
    return { seq: this.#seq, complete, packed: packEvents([...events, ...this.#interruption()]) };
  }

  /** Called about every second: tells idle viewers where the room is, and forgets what is too old. */
  tick(hasViewers: boolean): void {
    const now = nowMs();
    if (now >= this.#trimAtMs || this.#log.isOverfull) {
      this.#log.trim(now);
      this.#trimAtMs = now + TRIM_EVERY_MS;
    }
    this.#history = null;
    if (!hasViewers || now - this.#publishedAtMs < HEARTBEAT_MS) return;
    this.#publishedAtMs = now;
    this.#publish(
      this.room,
      packToViewer({ type: 'heartbeat', epoch: this.epoch, seq: this.#seq, serverMs: now }),
    );
  }
}

function newestWordMs(events: readonly CaptionEvent[]): number {
  let newest = 0;
  for (const event of events) if (event.type === 'appended') newest = Math.max(newest, event.endMs);
  return newest;
}

function microsecondsAfter(audioMs: number, ms: number): number {
  return Math.max(1, Math.round((ms - audioMs) * 1000));
}
