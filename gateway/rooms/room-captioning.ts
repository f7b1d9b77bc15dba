/**
 * Sees to it that one room has a captioning agent while it wants one, and none otherwise. LiveKit dispatches an
 * agent once and never again, so whoever wants captions must watch and ask again: attempts go on, ever more
 * slowly, until frames of an agent reach this gateway. Invariant: an attempt whose `await` was overtaken by
 * another event (`#generation`) changes nothing.
 */
import type { CaptionState } from '../../protocol/caption-event.ts';
import type { CaptionMode } from '../../protocol/room-api.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { LivekitRooms } from './livekit-rooms.ts';
import { readRoomMetadata } from './room-metadata.ts';

export interface CaptioningTimes {
  /** Captions go on so long after the last viewer has left: most come back. */
  readonly graceMs: number;
  /** A lost agent may only have lost its connection: it gets so long to come back. */
  readonly returnMs: number;
  /** After so long without an agent viewers are told that there is none: within 5 s of their press, the way there included. */
  readonly patienceMs: number;
  /** An agent that is in the room but not heard from is replaced after this. */
  readonly silenceMs: number;
  /** Between attempts, doubled each time up to the last. */
  readonly retryMs: { readonly min: number; readonly max: number };
}

export const CAPTIONING_TIMES: CaptioningTimes = {
  graceMs: 30_000,
  returnMs: 2_000,
  patienceMs: 4_500,
  silenceMs: 5_000,
  retryMs: { min: 1_500, max: 15_000 },
};

/** A worker that has just registered is not offered jobs at once. */
const REGISTRATION_MS = 250;
/** Somebody who got a token is expected in the room for so long. */
const ARRIVAL_MS = 60_000;

/** After the host's word here; LiveKit has it by then, and what it says counts. */
const METADATA_WRITTEN_MS = 15_000;

export interface CaptioningContext {
  readonly livekit: LivekitRooms;
  readonly agentName: string;
  readonly times: CaptioningTimes;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  /** For who watches the captions. */
  readonly setState: (room: string, state: CaptionState) => void;
  /** For everybody in the room: whether what they say is captioned. */
  readonly tellRoom: (room: string, live: boolean) => void;
  /** Whether what is still said of the room is let go. */
  /** `isHostsWord`: said to this gateway just now, and not read from the room. */
  readonly setOffRecord: (room: string, offRecord: boolean, isHostsWord: boolean) => void;
  readonly isServed: (room: string) => boolean;
  readonly hasAgents: () => boolean;
  /** Of several gateways one fetches agents for a room. */
  readonly leads: (room: string) => Promise<boolean>;
}

type Phase =
  /** No agent wanted. */
  | 'idle'
  /** Wanted and asked for. */
  | 'fetching'
  /** Frames come. */
  | 'served';

export class RoomCaptioning {
  readonly room: string;
  readonly #context: CaptioningContext;
  #mode: CaptionMode;
  /** Whether the mode was set by the host or read from the room itself, and not only from its id. */
  #isModeKnown = false;
  #offRecord = false;
  #offRecordSetAtMs = Number.NEGATIVE_INFINITY;
  #viewers = 0;
  #openUntilMs = 0;
  #phase: Phase = 'idle';
  #why: 'pressed' | 'lost' | 'left' = 'pressed';
  #wantedSinceMs = 0;
  #attempts = 0;
  #toldLive = false;
  #isServedNow = false;
  #hasCaptioner = false;
  #generation = 0;
  #graceTimer: NodeJS.Timeout | undefined;
  #releaseTimer: NodeJS.Timeout | undefined;
  #attemptTimer: NodeJS.Timeout | undefined;
  #patienceTimer: NodeJS.Timeout | undefined;

  constructor(room: string, mode: CaptionMode, context: CaptioningContext) {
    this.room = room;
    this.#mode = mode;
    this.#context = context;
  }

  /** Nothing to watch: it can be forgotten. */
  get isIdle(): boolean {
    const { isServed } = this.#context;
    const isUsed = this.#viewers > 0 || this.#isOpen || this.#hasCaptioner || isServed(this.room);
    return this.#phase === 'idle' && !isUsed;
  }

  get isOff(): boolean {
    return this.#mode === 'off' || this.#offRecord;
  }

  /** A person captions the room by hand: everybody in it is told, as with an agent. */
  setCaptioner(writing: boolean): void {
    this.#hasCaptioner = writing;
    this.#tellRoom();
  }

  setMode(mode: CaptionMode): void {
    this.#mode = mode;
    this.#isModeKnown = true;
    this.#update();
    if (mode === 'off') this.#context.setState(this.room, 'off');
  }

  /** The host decides. Nothing is kept from this call on, and the agent is put out, whoever asked for it. */
  setOffRecord(offRecord: boolean): void {
    this.#offRecordSetAtMs = nowMs();
    this.#changeOffRecord(offRecord, true);
  }

  /** What the room's metadata says, set at another gateway or before a restart. Older than the host's word here: no. */
  adoptOffRecord(offRecord: boolean, askedAtMs: number): void {
    if (askedAtMs - this.#offRecordSetAtMs > METADATA_WRITTEN_MS) this.#changeOffRecord(offRecord, false);
  }

  #changeOffRecord(offRecord: boolean, isHostsWord: boolean): void {
    if (offRecord === this.#offRecord) return;
    this.#offRecord = offRecord;
    this.#context.setOffRecord(this.room, offRecord, isHostsWord);
    if (offRecord) this.#expel();
    this.#update();
    if (!offRecord && this.#mode === 'off') this.#context.setState(this.room, 'off');
  }

  setViewers(count: number): void {
    const before = this.#viewers;
    this.#viewers = count;
    clearTimeout(this.#graceTimer);
    this.#graceTimer = undefined;
    if (count === 0 && before > 0) this.#startGrace();
    this.#update();
    if (this.#mode === 'off') this.#context.setState(this.room, 'off');
  }

  /** People are in the room or on their way. */
  setOpen(): void {
    this.#openUntilMs = nowMs() + ARRIVAL_MS;
    if (this.#mode === 'always') this.#update();
  }

  /** To be called now and then: nobody says that the people for whom an agent is being fetched never came. */
  handleTimePassed(): void {
    if (this.#phase === 'fetching') this.#update();
  }

  handleServed(): void {
    if (this.#offRecord) {
      this.#expel();
      return;
    }
    if (this.#phase === 'fetching') {
      const waitedMs = nowMs() - this.#wantedSinceMs;
      this.#context.metrics.takeoverSeconds.observe({ why: this.#why }, waitedMs / 1000);
      this.#context.log.info({ room: this.room, why: this.#why, waitedMs }, 'room is captioned');
    }
    this.#stopAttempts();
    this.#phase = 'served';
    this.#setServed(true);
    // An agent may serve a room that nobody watches: this gateway has restarted, or somebody else asked for it.
    if (!this.#isWanted) this.#releaseTimer = setTimeout(() => this.#update(), this.#context.times.graceMs);
  }

  handleLost(): void {
    if (this.#phase !== 'served') return;
    this.#phase = 'idle';
    this.#fetch('lost', this.#context.times.returnMs);
  }

  handleLeft(): void {
    if (this.#phase === 'fetching') {
      this.#attemptIn(0);
      return;
    }
    this.#phase = 'idle';
    this.#setServed(false);
    if (this.#mode === 'off') this.#context.setState(this.room, 'off');
    this.#fetch('left', 0);
  }

  handleAgentConnected(): void {
    if (this.#phase !== 'fetching') return;
    this.#attempts = 0;
    const delayMs = REGISTRATION_MS * (1 + Math.random());
    // It may be another agent than the lost one, which still has its time to come back.
    const returnMs = this.#why === 'lost' ? this.#wantedSinceMs + this.#context.times.returnMs - nowMs() : 0;
    this.#attemptIn(Math.max(delayMs, returnMs));
  }

  close(): void {
    clearTimeout(this.#graceTimer);
    this.#stopAttempts();
    this.#phase = 'idle';
    this.#viewers = 0;
    this.#openUntilMs = 0;
  }

  get #isOpen(): boolean {
    return nowMs() < this.#openUntilMs;
  }

  get #isWanted(): boolean {
    if (this.#mode === 'off' || this.#offRecord) return false;
    if (this.#viewers > 0 || this.#graceTimer !== undefined) return true;
    return this.#mode === 'always' && this.#isOpen;
  }

  #startGrace(): void {
    this.#graceTimer = setTimeout(() => {
      this.#graceTimer = undefined;
      this.#update();
    }, this.#context.times.graceMs);
  }

  #update(): void {
    if (this.#isWanted && this.#phase === 'idle') this.#fetch('pressed', 0);
    else if (!this.#isWanted && this.#phase !== 'idle') this.#release();
  }

  #fetch(why: 'pressed' | 'lost' | 'left', delayMs: number): void {
    if (!this.#isWanted) {
      this.#setServed(false);
      return;
    }
    const { setState, times, hasAgents } = this.#context;
    this.#phase = 'fetching';
    this.#why = why;
    this.#wantedSinceMs = nowMs();
    this.#attempts = 0;
    if (!hasAgents() && why !== 'lost') setState(this.room, 'unavailable');
    else setState(this.room, why === 'lost' ? 'interrupted' : 'starting');
    this.#patienceTimer = setTimeout(() => setState(this.room, 'unavailable'), times.patienceMs);
    this.#attemptIn(delayMs);
  }

  #release(): void {
    this.#stopAttempts();
    this.#phase = 'idle';
    this.#setServed(false);
    const { livekit, agentName, log } = this.#context;
    log.info({ room: this.room }, 'room needs no captions any more');
    livekit.recall(this.room, agentName).catch((error: unknown) => {
      log.warn({ err: error, room: this.room }, 'the agent could not be called back');
    });
  }

  /** Out of the room within a round trip: an agent that only loses its job says its last words first. */
  #expel(): void {
    const { livekit, agentName, log } = this.#context;
    livekit.remove(this.room, `${agentName}-${this.room}`).catch((error: unknown) => {
      log.warn({ err: error, room: this.room }, 'the agent could not be put out of a room off the record');
    });
  }

  #setServed(served: boolean): void {
    this.#isServedNow = served;
    this.#tellRoom();
  }

  #tellRoom(): void {
    const live = this.#isServedNow || this.#hasCaptioner;
    if (live === this.#toldLive) return;
    this.#toldLive = live;
    this.#context.tellRoom(this.room, live);
  }

  #stopAttempts(): void {
    this.#generation += 1;
    clearTimeout(this.#releaseTimer);
    clearTimeout(this.#attemptTimer);
    clearTimeout(this.#patienceTimer);
  }

  #attemptIn(delayMs: number): void {
    this.#generation += 1;
    clearTimeout(this.#attemptTimer);
    this.#attemptTimer = setTimeout(() => void this.#attempt(this.#generation), delayMs);
  }

  async #attempt(generation: number): Promise<void> {
    const { metrics, log, times } = this.#context;
    const isCurrent = (): boolean => generation === this.#generation;
    try {
      const result = await this.#ask(isCurrent);
      metrics.dispatches.inc({ result });
    } catch (error) {
      metrics.dispatches.inc({ result: 'failed' });
      log.warn({ err: error, room: this.room }, 'asking LiveKit for an agent failed; trying again');
    }
    if (!isCurrent() || this.#phase !== 'fetching') return;
    const { min, max } = times.retryMs;
    this.#attemptIn(Math.min(max, min * 2 ** this.#attempts));
    this.#attempts += 1;
  }

  /** One try. Each `await` may be overtaken; what is then undone is left to the newer attempt. */
  async #ask(isCurrent: () => boolean): Promise<'asked' | 'overtaken' | 'waiting' | 'empty'> {
    const { livekit, agentName, times } = this.#context;
    const identity = `${agentName}-${this.room}`;
    if (!(await this.#context.leads(this.room))) return 'waiting';
    const [[open], isPresent] = await Promise.all([
      livekit.list([this.room]),
      livekit.isIn(this.room, identity),
    ]);
    if (!isCurrent()) return 'overtaken';
    this.#adoptMode(open?.metadata);
    if (!isCurrent()) return 'overtaken';
    // An agent in an empty room is sent away by LiveKit, so another would only come and go.
    if (this.#why === 'left' && (open?.participants ?? 0) === 0) return 'empty';
    if (isPresent) {
      const waitedMs = nowMs() - this.#wantedSinceMs;
      if (this.#why !== 'lost' && waitedMs < times.silenceMs) return 'waiting';
      await livekit.remove(this.room, identity);
    }
    await livekit.recall(this.room, agentName);
    if (!isCurrent()) return 'overtaken';
    await livekit.dispatch(this.room, agentName);
    return 'asked';
  }

  /** After a restart only the room itself knows what its host had chosen. */
  #adoptMode(metadata: string | undefined): void {
    const { captions, offRecord } = readRoomMetadata(metadata ?? '');
    this.adoptOffRecord(offRecord === true, nowMs());
    if (this.#isModeKnown || captions === undefined) return;
    if (captions !== this.#mode) this.setMode(captions);
    this.#isModeKnown = true;
  }
}
