/**
 * One room's captions: numbers every frame that its viewers get, and holds what a returning viewer lacks.
 * Invariant: a change of the log and the publishing of the frame that tells of it happen in the same call, so
 * that a catch-up of any moment plus all later frames is complete.
 */
import { randomBytes } from 'node:crypto';
import type {
  CaptionEvent,
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
import { type LogLimits, UtteranceLog } from './utterance-log.ts';

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
  /** Names this numbering; another gateway, or this one after a restart, has another. Never 0. */
  readonly epoch = randomBytes(4).readUInt32LE() || 1;
  readonly #publish: Publish;
  readonly #log: UtteranceLog;
  #seq = 0;
  #lastAudioMs = 0;
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

  /** End of the newest audio that any agent has told of, on the caption clock; 0 before the first. */
  get lastAudioMs(): number {
    return this.#lastAudioMs;
  }

  /**
   * Takes what happened in one step and tells the viewers. `times` must be complete up to `sentUs`; returns it
   * with the gateway's stages, or null when there was none or nothing had to be told.
   */
  accept(events: readonly CaptionEvent[], times: StageTimes | null, receivedMs: number): StageTimes | null {
    const seq = this.#seq + 1;
    const now = nowMs();
    const told: CaptionEvent[] = [];
    for (const event of events) told.push(...this.#log.apply(event, seq, now));
    this.#lastAudioMs = Math.max(this.#lastAudioMs, times?.audioMs ?? newestWordMs(events));
    if (told.length === 0) return null;
    this.#seq = seq;
    this.#publishedAtMs = now;
    const stamped = times && {
      ...times,
      receivedUs: microsecondsAfter(times.audioMs, receivedMs),
      publishedUs: microsecondsAfter(times.audioMs, now),
    };
    this.#publish(
      this.room,
      packToViewer({ type: 'frame', epoch: this.epoch, seq, times: stamped, events: told }),
    );
    return stamped;
  }

  setState(state: CaptionState, sinceMs = Math.round(nowMs())): void {
    if (this.state !== state) this.accept([{ type: 'status', state, sinceMs }], null, 0);
  }

  /** What was said is gone, here and at every viewer; who speaks goes on. */
  erase(): void {
    this.#history = null;
    this.accept([{ type: 'erased', atMs: Math.round(nowMs()) }], null, 0);
  }

  closeOpen(isMeant?: (identity: string) => boolean): CaptionEvent[] {
    return this.#log.closeOpen(isMeant);
  }

  utterance(id: number): UtteranceRestored | undefined {
    return this.#log.get(id);
  }

  /** A packed welcome for a viewer at this position. */
  catchUp(position: Pick<ViewerJoin, 'epoch' | 'seq'>): CatchUp {
    const since = position.epoch === this.epoch && position.seq <= this.#seq ? position.seq : 0;
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
    return { seq: this.#seq, complete, packed: packEvents(events) };
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
