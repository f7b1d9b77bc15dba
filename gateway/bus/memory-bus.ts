/** The bus of a gateway that is alone: appending and following happen in the same call. */
import {
  type Attendance,
  type Attended,
  BusUnavailable,
  type BusWatch,
  type CaptionBus,
  newEpoch,
  type RoomFollower,
  type Taken,
} from './caption-bus.ts';
import { FrameLedger } from './frame-ledger.ts';
import { liveSince, type RoomInput } from './room-input.ts';

/** Agents that have not heard yet that a meeting is over send its last frames within this. */
const OVER_KEPT_MS = 20_000;

interface Room {
  readonly epoch: number;
  readonly follower: RoomFollower;
  offset: number;
}

export class MemoryBus implements CaptionBus {
  readonly isShared = false;
  readonly isReachable = true;
  readonly #rooms = new Map<string, Room>();
  readonly #ledgers = new Map<string, FrameLedger>();
  readonly #forgetting = new Map<string, NodeJS.Timeout>();

  watch(_watch: BusWatch): void {}

  follow(room: string, follower: RoomFollower): void {
    const epoch = newEpoch();
    this.#rooms.set(room, { epoch, follower, offset: 0 });
    follower.handlePast({
      epoch,
      offset: 0,
      saved: null,
      entries: [],
      isComplete: true,
      isRewritten: false,
    });
    follower.handleCaughtUp();
  }

  leave(room: string): void {
    this.#rooms.delete(room);
    this.#ledgers.delete(room);
  }

  async append(name: string, input: RoomInput): Promise<Taken> {
    const room = this.#rooms.get(name);
    if (!room) throw new BusUnavailable('the room is not followed');
    let taken = input;
    if (input.type === 'frame') {
      const order = this.#ledgerOf(name).take(input.session, input.number, liveSince(input.events));
      if (order === 'duplicate' || order === 'over') return order;
      if (order === 'hole') taken = { ...input, isHole: true };
    }
    room.offset += 1;
    room.follower.handleEntry({ epoch: room.epoch, offset: room.offset, inputs: [taken] });
    return 'taken';
  }

  async held(session: string, rooms: readonly string[]): Promise<Map<string, number>> {
    const held = new Map<string, number>();
    for (const room of rooms) {
      const number = this.#ledgers.get(room)?.numberOf(session);
      if (number !== undefined) held.set(room, number);
    }
    return held;
  }

  async attend(_room: string, { serving }: Attendance): Promise<Attended> {
    return { viewersElsewhere: 0, isAgentConnected: serving !== null };
  }

  async lead(): Promise<boolean> {
    return true;
  }

  erase(name: string): void {
    const follower = this.#rooms.get(name)?.follower;
    this.#rooms.delete(name);
    this.#ledgers.get(name)?.end();
    clearTimeout(this.#forgetting.get(name));
    this.#forgetting.set(
      name,
      setTimeout(() => this.#forgetOver(name), OVER_KEPT_MS),
    );
    follower?.handleErased();
  }

  async close(): Promise<void> {
    for (const timer of this.#forgetting.values()) clearTimeout(timer);
    this.#rooms.clear();
  }

  #ledgerOf(room: string): FrameLedger {
    const known = this.#ledgers.get(room);
    if (known) return known;
    const ledger = new FrameLedger();
    this.#ledgers.set(room, ledger);
    return ledger;
  }

  #forgetOver(room: string): void {
    this.#forgetting.delete(room);
    // Somebody may have begun the room again meanwhile.
    if (!this.#rooms.has(room)) this.#ledgers.delete(room);
  }
}
