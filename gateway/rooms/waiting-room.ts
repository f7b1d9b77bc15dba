/**
 * The waiting room: a LiveKit room of its own in which nobody sees or hears anybody. LiveKit keeps who waits, notices
 * who goes away, and brings the host's decision, so that any gateway can answer for any room, also one that has just
 * started. An admission is signed, and so needs nobody's memory either.
 */
import type { DecideRequest } from '../../protocol/room-api.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { LivekitRooms, RoomParticipant } from './livekit-rooms.ts';

const PREFIX = 'waiting-';

export function waitingRoomOf(room: string): string {
  return PREFIX + room;
}

/** Nothing is captioned there. */
export function isWaitingRoom(room: string): boolean {
  return room.startsWith(PREFIX);
}

export class WaitingRooms {
  readonly #livekit: LivekitRooms;
  readonly #tokens: AccessTokens;

  constructor(livekit: LivekitRooms, tokens: AccessTokens) {
    this.#livekit = livekit;
    this.#tokens = tokens;
  }

  /** A LiveKit token with which to wait. */
  async enter(room: string, person: { identity: string; name: string }): Promise<string> {
    const waitingRoom = waitingRoomOf(room);
    await this.#livekit.open(waitingRoom, '{}');
    return this.#tokens.signWaiting({ room: waitingRoom, ...person });
  }

  /** Those about whom nothing was decided, who came first at the top. */
  async list(room: string): Promise<RoomParticipant[]> {
    const people = await this.#livekit.hiddenPeople(waitingRoomOf(room));
    return people
      .filter(({ attributes }) => attributes.decision === undefined)
      .sort((a, b) => a.joinedAtMs - b.joinedAtMs);
  }

  /** How many were told. Nobody is named: all of them. */
  async decide(room: string, { decision, identity }: DecideRequest): Promise<number> {
    const waiting = await this.list(room);
    const meant = waiting.filter((person) => identity === undefined || person.identity === identity);
    const told = await Promise.all(meant.map((person) => this.#tell(room, person, decision)));
    return told.filter(Boolean).length;
  }

  end(room: string): Promise<void> {
    return this.#livekit.end(waitingRoomOf(room));
  }

  #tell(room: string, { identity, name }: RoomParticipant, decision: 'admit' | 'refuse'): Promise<boolean> {
    const attributes: Record<string, string> =
      decision === 'refuse'
        ? { decision: 'refused' }
        : { decision: 'admitted', admission: this.#tokens.signAdmission({ room, identity, name }) };
    return this.#livekit.setAttributes(waitingRoomOf(room), identity, attributes);
  }
}
