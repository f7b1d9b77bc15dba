/**
 * Who captions a room, and what a change of hands means for its viewers: an agent that vanished leaves a marked
 * gap and closed utterances, one that came back in time leaves nothing, one that left on purpose ends orderly.
 */
import type { CaptionEvent, CaptionGap } from '../../protocol/caption-event.ts';
import type { UplinkFrame } from '../../protocol/uplink-message.ts';
import { type AgentSession, type FrameOrder, liveSince } from './agent-session.ts';
import type { RoomCaptions } from './room-captions.ts';

/** Speech that an agent had heard but not yet told of when it died began at most so long before. */
const LONGEST_PENDING_MS = 5_000;

export class RoomAgent {
  readonly #captions: RoomCaptions;
  #serving: AgentSession | null = null;
  #liveSinceMs = 0;
  /** Sessions that another one took over from: what they still send comes too late. */
  readonly #retired = new WeakSet<AgentSession>();

  constructor(captions: RoomCaptions) {
    this.#captions = captions;
  }

  get serving(): AgentSession | null {
    return this.#serving;
  }

  /** Events for the viewers that this frame brings, or null when it comes from an agent that was replaced. */
  take(session: AgentSession, frame: UplinkFrame, order: FrameOrder): readonly CaptionEvent[] | null {
    const sinceMs = liveSince(frame);
    if (session === this.#serving) {
      if (order !== 'hole') return frame.events;
      return [captionsLost(this.#captions.lastAudioMs, frame), ...frame.events];
    }
    if (this.#retired.has(session) && (sinceMs === undefined || sinceMs <= this.#liveSinceMs)) return null;
    const before = this.#handOver(session, sinceMs ?? frameMs(frame));
    const isLive = sinceMs !== undefined || this.#captions.state === 'live';
    const live: CaptionEvent[] = isLive
      ? []
      : [{ type: 'status', state: 'live', sinceMs: this.#liveSinceMs }];
    return [...before, ...live, ...frame.events];
  }

  /** The agent has left on purpose: nothing is missing. */
  leave(session: AgentSession): readonly CaptionEvent[] | null {
    if (session !== this.#serving) return null;
    this.#serving = null;
    return this.#captions.closeOpen();
  }

  #handOver(session: AgentSession, sinceMs: number): CaptionEvent[] {
    const predecessor = this.#serving;
    const heardSinceMs = this.#liveSinceMs;
    this.#serving = session;
    this.#retired.delete(session);
    this.#liveSinceMs = sinceMs;
    if (!predecessor) return [];
    this.#retired.add(predecessor);
    const lostAtMs = predecessor.lostAtMs || sinceMs;
    const fromMs = Math.max(this.#captions.lastAudioMs, lostAtMs - LONGEST_PENDING_MS, heardSinceMs);
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

function captionsLost(lastAudioMs: number, frame: UplinkFrame): CaptionGap {
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
function frameMs(frame: UplinkFrame): number {
  if (frame.times) return frame.times.audioMs;
  for (const event of frame.events) {
    if ('startMs' in event) return event.startMs;
    if (event.type === 'status') return event.sinceMs;
  }
  return Date.now();
}
