/**
 * Who captions by hand at present. A captioner holds the machine back while texts or signs of life come, and a
 * little longer; then the machine's captions come back by themselves, so that nobody who reads is left with
 * nothing because a captioner's computer went to sleep.
 */
import type { CaptionEvent, UtteranceRestored } from '../../protocol/caption-event.ts';
import type { FeedRequest, FeedResponse } from '../../protocol/captioner-api.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { CaptionerGrant } from '../rooms/access-tokens.ts';
import { HumanLines } from './human-lines.ts';

export const CAPTIONER_HOLD_MS = 30_000;
const SWEEP_MS = 1_000;
/** A captioner who comes back later starts with the same numbers; beyond this, with whatever number comes. */
const FORGOTTEN_AFTER_MS = 3_600_000;

/** The captions of all rooms, as far as captioners are concerned. */
export interface HumanCaptions {
  holdMachine(room: string, captioner: string, identity: string | null): void;
  releaseMachine(room: string, captioner: string): void;
  takeHuman(room: string, events: readonly CaptionEvent[]): void;
  utterance(room: string, id: number): UtteranceRestored | undefined;
}

export interface CaptionersOptions {
  readonly captions: HumanCaptions;
  /** A person begins, or ceases, to caption the room. */
  readonly onWriting: (room: string, writing: boolean) => void;
}

interface Captioner {
  readonly grant: CaptionerGrant;
  readonly lines: HumanLines;
  state: 'writing' | 'stopped';
  heardAtMs: number;
}

export class Captioners {
  readonly #options: CaptionersOptions;
  readonly #captioners = new Map<string, Captioner>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: CaptionersOptions) {
    this.#options = options;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  nextSequence(grant: CaptionerGrant): number {
    return this.#captioners.get(grant.captioner)?.lines.nextSequence ?? 1;
  }

  /** Throws `UnknownLine`. */
  take(grant: CaptionerGrant, post: FeedRequest): FeedResponse {
    const { captions } = this.#options;
    const captioner = this.#captionerOf(grant);
    const { events, answer } = captioner.lines.take(post, Math.round(nowMs()), (id) =>
      captions.utterance(grant.room, id),
    );
    this.#write(captioner);
    if (events.length > 0) captions.takeHuman(grant.room, events);
    return answer;
  }

  setWriting(grant: CaptionerGrant, writing: boolean): void {
    const captioner = this.#captionerOf(grant);
    if (writing) this.#write(captioner);
    else this.#stop(captioner);
  }

  /** The meeting is over, or nothing may be captioned any more. */
  endRoom(room: string): void {
    for (const [id, captioner] of this.#captioners) {
      if (captioner.grant.room !== room) continue;
      this.#stop(captioner);
      this.#captioners.delete(id);
    }
  }

  close(): void {
    clearInterval(this.#sweeper);
  }

  #captionerOf(grant: CaptionerGrant): Captioner {
    const known = this.#captioners.get(grant.captioner);
    if (known) return known;
    const captioner: Captioner = {
      grant,
      lines: new HumanLines(grant),
      state: 'stopped',
      heardAtMs: nowMs(),
    };
    this.#captioners.set(grant.captioner, captioner);
    return captioner;
  }

  #write(captioner: Captioner): void {
    captioner.heardAtMs = nowMs();
    if (captioner.state === 'writing') return;
    const { room } = captioner.grant;
    const isFirst = !this.#isWriting(room);
    captioner.state = 'writing';
    this.#options.captions.holdMachine(
      room,
      captioner.grant.captioner,
      captioner.grant.speaker?.identity ?? null,
    );
    if (isFirst) this.#options.onWriting(room, true);
  }

  #stop(captioner: Captioner): void {
    if (captioner.state === 'stopped') return;
    captioner.state = 'stopped';
    const { room } = captioner.grant;
    const { captions, onWriting } = this.#options;
    const rest = captioner.lines.end(Math.round(nowMs()));
    if (rest.length > 0) captions.takeHuman(room, rest);
    captions.releaseMachine(room, captioner.grant.captioner);
    if (!this.#isWriting(room)) onWriting(room, false);
  }

  #isWriting(room: string): boolean {
    for (const { grant, state } of this.#captioners.values()) {
      if (grant.room === room && state === 'writing') return true;
    }
    return false;
  }

  #sweep(): void {
    const now = nowMs();
    for (const [id, captioner] of this.#captioners) {
      if (now - captioner.heardAtMs > CAPTIONER_HOLD_MS) this.#stop(captioner);
      if (now - captioner.heardAtMs > FORGOTTEN_AFTER_MS) this.#captioners.delete(id);
    }
  }
}
