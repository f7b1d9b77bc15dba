/**
 * Whom hosts have put out of rooms, for as long as the tokens live that these people hold. In this process only:
 * with several gateways, another one still takes such a token until it expires; it is renewed by none, because
 * renewing asks LiveKit whether its holder is in the room.
 */
import { nowMs } from '../../runtime/clock.ts';
import { TOKEN_LIFETIME_S } from './access-tokens.ts';

export class RemovedPeople {
  /** When their last token ends. In order of removal, and so of expiry. */
  readonly #untilMs = new Map<string, number>();

  add(room: string, identity: string): void {
    const now = nowMs();
    for (const [person, untilMs] of this.#untilMs) {
      if (untilMs > now) break;
      this.#untilMs.delete(person);
    }
    this.#untilMs.set(personIn(room, identity), now + TOKEN_LIFETIME_S * 1000);
  }

  has(room: string, identity: string): boolean {
    return this.#untilMs.has(personIn(room, identity));
  }
}

function personIn(room: string, identity: string): string {
  return `${room}\n${identity}`;
}
