/**
 * What the gateway knows of one start of one agent process: which frames of which rooms it holds. Outlives the
 * agent's connection, so that a reconnecting agent learns what it need not send again.
 */
import type { UplinkFrame } from '../../protocol/uplink-message.ts';
import { nowMs } from '../../runtime/clock.ts';

export type FrameOrder =
  /** Follows what is held, or is the first that this gateway gets of this session. */
  | 'next'
  /** Held already. */
  | 'duplicate'
  /** Frames before it were lost. */
  | 'hole'
  /** Of a meeting that is over. */
  | 'over';

interface RoomProgress {
  number: number;
  liveSinceMs: number;
  leftAtMs: number | null;
  isOver: boolean;
}

/** Less than an agent remembers it (30 s), so that the two never disagree about where its numbers stand. */
const LEFT_ROOM_KEPT_MS = 20_000;

export class AgentSession {
  readonly id: string;
  readonly agentId: string;
  connected = true;
  /** Gateway time at which the connection was lost; 0 while it stands. */
  lostAtMs = 0;
  readonly #rooms = new Map<string, RoomProgress>();

  constructor(id: string, agentId: string) {
    this.id = id;
    this.agentId = agentId;
  }

  /** For the welcome: the highest frame number held of each room. */
  held(): [room: string, number: number][] {
    this.#forgetLeft();
    return [...this.#rooms].map(([room, { number }]) => [room, number]);
  }

  /** Notes the frame as held and says how it follows. */
  take(frame: UplinkFrame): FrameOrder {
    this.#forgetLeft();
    const known = this.#rooms.get(frame.room);
    const liveSinceMs = liveSince(frame) ?? known?.liveSinceMs ?? 0;
    if (!known) {
      this.#rooms.set(frame.room, { number: frame.number, liveSinceMs, leftAtMs: null, isOver: false });
      return 'next';
    }
    // An agent that comes back to a room it had left may count from 1 again; a new `live` tells it apart.
    const returned = liveSinceMs > known.liveSinceMs;
    if (frame.number <= known.number && !returned) return 'duplicate';
    const order = frame.number === known.number + 1 || returned ? 'next' : 'hole';
    known.number = frame.number;
    if (known.leftAtMs !== null && known.isOver && !returned) return 'over';
    known.liveSinceMs = liveSinceMs;
    known.leftAtMs = null;
    known.isOver = false;
    return order;
  }

  leave(room: string): void {
    const known = this.#rooms.get(room);
    if (known) known.leftAtMs ??= nowMs();
  }

  /** The meeting is over; what the agent still sends of it comes too late. */
  end(room: string): void {
    this.leave(room);
    const known = this.#rooms.get(room);
    if (known) known.isOver = true;
  }

  #forgetLeft(): void {
    const before = nowMs() - LEFT_ROOM_KEPT_MS;
    for (const [room, { leftAtMs }] of this.#rooms) {
      if (leftAtMs !== null && leftAtMs < before) this.#rooms.delete(room);
    }
  }
}

/** Since when the agent hears the room, if this frame says so: an agent's first one of a room does. */
export function liveSince(frame: UplinkFrame): number | undefined {
  for (const event of frame.events) {
    if (event.type === 'status' && event.state === 'live') return event.sinceMs;
  }
  return undefined;
}
