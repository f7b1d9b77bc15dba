/**
 * Who captions a room, and what a change of hands means for its viewers: an agent that vanished leaves a marked
 * gap and closed utterances, one that came back in time leaves nothing, one that left on purpose ends orderly.
 * Every node applies the same inputs in the same order and so agrees with the others.
 */
import type { CaptionEvent, CaptionGap, CaptionStatus } from '../../protocol/caption-event.ts';
import { type AgentConnection, type FrameInput, liveSince, type RoomInput } from '../bus/room-input.ts';
import type { RoomCaptions } from './room-captions.ts';

/**
 * Speech that an agent had heard but not told of began at most so long before anybody noticed that it had died: its
 * socket's idle timeout, or the attendance of a node that died with it (12 s and two rounds), and an open turn of 5 s.
 */
const LONGEST_UNTOLD_MS = 30_000;
/** Sessions are retired when an agent dies, or was too late: more than these would be of long ago. */
const MAX_RETIRED = 64;

export interface ServingAgent extends AgentConnection {
  readonly isConnected: boolean;
  /** When its connection broke; 0 while it stands. */
  readonly lostAtMs: number;
}

/** All that decides what the next input does. */
export interface RoomAgentState {
  readonly serving: ServingAgent | null;
  readonly liveSinceMs: number;
  /** Sessions that another one took over from: what they still send comes too late. */
  readonly retired: readonly string[];
}

export type AgentInput = Extract<RoomInput, { type: 'frame' | 'back' | 'lost' | 'left' | 'state' }>;

export class RoomAgent {
  readonly #captions: RoomCaptions;
  #state: RoomAgentState = { serving: null, liveSinceMs: 0, retired: [] };

  constructor(captions: RoomCaptions) {
    this.#captions = captions;
  }

  get state(): RoomAgentState {
    return this.#state;
  }

  restore(state: RoomAgentState): void {
    this.#state = state;
  }

  get serving(): ServingAgent | null {
    return this.#state.serving;
  }

  /** Events for the viewers, or null when the input comes from an agent that was replaced. */
  take(input: AgentInput): readonly CaptionEvent[] | null {
    switch (input.type) {
      case 'frame':
        return this.#takeFrame(input);
      case 'back':
        return this.#isServing(input) ? this.#reconnect(input) : [];
      case 'lost':
        return this.#lose(input, input.atMs);
      case 'left':
        return this.#leave(input.session);
      case 'state':
        return this.#setState({ type: 'status', state: input.state, sinceMs: input.sinceMs });
    }
  }

  #takeFrame(input: FrameInput): readonly CaptionEvent[] | null {
    const { session, events, isHole } = input;
    const sinceMs = liveSince(events);
    const { liveSinceMs, retired, serving } = this.#state;
    if (this.#isServing(input)) {
      const back = this.#reconnect(input);
      return isHole
        ? [...back, captionsLost(this.#captions.lastAudioMs, input), ...events]
        : [...back, ...events];
    }
    // Last words of an agent that was replaced, perhaps before anybody had heard of it.
    const isRetired = retired.includes(session);
    const isNewer = sinceMs !== undefined && sinceMs > liveSinceMs;
    if (isRetired && !isNewer) return null;
    const heardMs = sinceMs ?? frameMs(input);
    if (!isNewer && heardMs <= liveSinceMs && serving?.isConnected) {
      // The rest of what it held follows, and must not take the room either.
      this.#state = { ...this.#state, retired: withRetired(retired, session) };
      return null;
    }
    const before = this.#handOver(input, heardMs);
    const isLive = sinceMs !== undefined || this.#captions.state === 'live';
    return [...before, ...(isLive ? [] : [this.#live]), ...events];
  }

  #isServing({ session }: AgentConnection): boolean {
    return this.#state.serving?.session === session;
  }

  get #live(): CaptionStatus {
    return { type: 'status', state: 'live', sinceMs: this.#state.liveSinceMs };
  }

  #reconnect({ session, connection }: AgentConnection): CaptionEvent[] {
    const { serving } = this.#state;
    if (serving?.isConnected === true && serving.connection === connection) return [];
    this.#state = { ...this.#state, serving: { session, connection, isConnected: true, lostAtMs: 0 } };
    return this.#captions.state === 'live' ? [] : [this.#live];
  }

  #lose({ session, connection }: AgentConnection, atMs: number): CaptionEvent[] {
    const { serving } = this.#state;
    if (!serving?.isConnected || serving.session !== session || serving.connection !== connection) return [];
    this.#state = { ...this.#state, serving: { ...serving, isConnected: false, lostAtMs: atMs } };
    return [{ type: 'status', state: 'interrupted', sinceMs: Math.round(atMs) }];
  }

  /** The agent has left on purpose: nothing is missing. */
  #leave(session: string): CaptionEvent[] {
    if (session !== this.#state.serving?.session) return [];
    this.#state = { ...this.#state, serving: null };
    return this.#captions.closeOpen();
  }

  /** Whoever fetches agents may not have heard yet that one is there. */
  #setState(status: CaptionStatus): CaptionEvent[] {
    const shown = this.#captions.state;
    if (shown === status.state) return [];
    const isHeard = this.#state.serving?.isConnected === true && shown === 'live';
    return isHeard && status.state !== 'off' ? [] : [status];
  }

  #handOver({ session, connection }: AgentConnection, sinceMs: number): CaptionEvent[] {
    const { serving: predecessor, liveSinceMs: heardSinceMs, retired } = this.#state;
    const others = retired.filter((other) => other !== session);
    this.#state = {
      serving: { session, connection, isConnected: true, lostAtMs: 0 },
      liveSinceMs: sinceMs,
      retired: predecessor ? withRetired(others, predecessor.session) : others,
    };
    if (!predecessor) return [];
    const lostAtMs = predecessor.lostAtMs || sinceMs;
    const fromMs = Math.max(this.#captions.lastAudioMs, lostAtMs - LONGEST_UNTOLD_MS, heardSinceMs);
    const gap: CaptionGap = {
      type: 'gap',
      identity: null,
      fromMs: Math.round(Math.min(fromMs, sinceMs)),
      toMs: Math.round(sinceMs),
      reason: 'agent-lost',
    };
    return [...this.#captions.closeOpen(), gap];
  }
}

function withRetired(retired: readonly string[], session: string): readonly string[] {
  return [...retired, session].slice(-MAX_RETIRED);
}

function captionsLost(lastAudioMs: number, frame: FrameInput): CaptionGap {
  const toMs = frameMs(frame);
  const fromMs = lastAudioMs === 0 ? toMs : Math.min(lastAudioMs, toMs);
  return {
    type: 'gap',
    identity: null,
    fromMs: Math.round(fromMs),
    toMs: Math.round(toMs),
    reason: 'captions-lost',
  };
}

/** When what the frame tells of was said. */
function frameMs({ times, events, receivedMs }: FrameInput): number {
  if (times) return times.audioMs;
  for (const event of events) {
    if ('startMs' in event) return event.startMs;
    if (event.type === 'status') return event.sinceMs;
  }
  return receivedMs;
}
