/**
 * Which of an agent session's frames a room's log holds: the same rules as in the scripts for Redis, for a bus
 * in this process. An agent that comes back to a room it had left may count from 1 again; a new `live` tells it
 * apart from one that repeats itself.
 */
export type FrameOrder =
  /** Follows what is held, or is the first of its session. */
  | 'next'
  | 'duplicate'
  /** Frames before it were lost. */
  | 'hole'
  /** Of a meeting that is over. */
  | 'over';

interface SessionProgress {
  number: number;
  liveSinceMs: number;
  isOver: boolean;
}

export class FrameLedger {
  readonly #sessions = new Map<string, SessionProgress>();

  numberOf(session: string): number | undefined {
    return this.#sessions.get(session)?.number;
  }

  /** Notes the frame as held and says how it follows. */
  take(session: string, number: number, liveSinceMs: number | undefined): FrameOrder {
    const known = this.#sessions.get(session);
    if (!known) {
      this.#sessions.set(session, { number, liveSinceMs: liveSinceMs ?? 0, isOver: false });
      return 'next';
    }
    const returned = liveSinceMs !== undefined && liveSinceMs > known.liveSinceMs;
    if (number <= known.number && !returned) return 'duplicate';
    const order = number === known.number + 1 || returned ? 'next' : 'hole';
    known.number = number;
    if (known.isOver && !returned) return 'over';
    known.isOver = false;
    known.liveSinceMs = liveSinceMs ?? known.liveSinceMs;
    return order;
  }

  /** The meeting is over; what agents still send of it comes too late. */
  end(): void {
    for (const session of this.#sessions.values()) session.isOver = true;
  }
}
