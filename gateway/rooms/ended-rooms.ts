/**
 * Meetings that are over: their captions go, and tokens that were given out for them open nothing any more, until
 * people join that room anew. LiveKit says so by a webhook; where none arrives, its list of open rooms does. In this
 * process only: with several gateways each one sees the list.
 */
import { nowMs } from '../../runtime/clock.ts';
import { TOKEN_LIFETIME_S } from './access-tokens.ts';

/** LiveKit lists nothing for a moment when it restarts, and its rooms come back as their people do. */
const ABSENT_MS = 60_000;

export interface EndedRoomsOptions {
  /** Rooms of which captions are held. */
  readonly held: () => Iterable<string>;
  /** Called once for each meeting that the list no longer names. */
  readonly onGone: (room: string) => void;
}

export class EndedRooms {
  readonly #options: EndedRoomsOptions;
  /** In order of their end. */
  readonly #endedAtMs = new Map<string, number>();
  readonly #absentSinceMs = new Map<string, number>();

  constructor(options: EndedRoomsOptions) {
    this.#options = options;
  }

  handleFinished(room: string): void {
    const now = nowMs();
    for (const [name, endedAtMs] of this.#endedAtMs) {
      if (now - endedAtMs <= TOKEN_LIFETIME_S * 1000) break;
      this.#endedAtMs.delete(name);
    }
    this.#endedAtMs.delete(room);
    this.#endedAtMs.set(room, now);
    this.#absentSinceMs.delete(room);
  }

  /** Whether a token of this age is of a meeting that is over. Tokens know their age in whole seconds. */
  isOver(room: string, issuedAtS: number): boolean {
    const endedAtMs = this.#endedAtMs.get(room);
    return endedAtMs !== undefined && issuedAtS < Math.floor(endedAtMs / 1000);
  }

  handleListed(open: readonly { readonly room: string }[], askedAtMs: number): void {
    const names = new Set(open.map(({ room }) => room));
    for (const room of this.#options.held()) {
      if (names.has(room)) this.#absentSinceMs.delete(room);
      else if (!this.#absentSinceMs.has(room)) this.#absentSinceMs.set(room, askedAtMs);
    }
    for (const [room, sinceMs] of this.#absentSinceMs) {
      if (askedAtMs - sinceMs < ABSENT_MS) continue;
      this.#absentSinceMs.delete(room);
      this.#options.onGone(room);
    }
  }
}
