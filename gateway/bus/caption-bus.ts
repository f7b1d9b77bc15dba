/**
 * What gateways share: for each room one ordered log of what happened to it, the same for every node. Each node
 * applies it to its own copy of the room, so any node can hold any viewer and any agent, and a viewer's position
 * means the same everywhere. One implementation lives in this process, one in Redis or Valkey; a single contract
 * suite runs over both (test/caption-bus.test.ts).
 *
 * What every bus promises to its followers:
 * - entries come in order and without a hole; what cannot be delivered so comes as a new past;
 * - an agent's frame enters the log once, however often it is offered;
 * - what {@link CaptionBus.append} resolved is in the log, for as long as the bus itself does not lose it. A bus
 *   that lost something begins a new epoch, and says so with {@link RoomPast.isRewritten}.
 */
import { randomBytes } from 'node:crypto';
import type { RoomInput } from './room-input.ts';

/** Of one numbering of one room: `offset` entries have happened. `epoch` is never 0. */
export interface BusPosition {
  readonly epoch: number;
  readonly offset: number;
}

export interface RoomEntry extends BusPosition {
  /** Applied together, told to the viewers in one frame. */
  readonly inputs: readonly RoomInput[];
}

export interface RoomPast extends BusPosition {
  /** A copy of the room as it was before `entries`, made by {@link RoomFollower.save}; null when there is none. */
  readonly saved: Uint8Array | null;
  /** What happened since; the last of them has the past's own offset. */
  readonly entries: readonly RoomEntry[];
  /** False: entries before these are neither there nor saved. */
  readonly isComplete: boolean;
  /** The numbering that this node followed is no more, and what was in it may not all be in this one. */
  readonly isRewritten: boolean;
}

/** One node's copy of a room. */
export interface RoomFollower {
  /**
   * First of all, and again when entries cannot be delivered in order. Merge it with what is held. Returns whether
   * captions are held that are neither in the copy nor in the entries.
   */
  handlePast(past: RoomPast): boolean;
  /** Follows its predecessor, or the past. */
  handleEntry(entry: RoomEntry): void;
  /** This node has all there is: after the past, and again whenever the bus was lost and is found. */
  handleCaughtUp(): void;
  /** The meeting is over: forget everything. Nothing follows. */
  handleErased(): void;
  /** The whole room as it stands, for nodes that come later. */
  save(): Uint8Array;
  /** The same with a marked gap: the bus lost what it held, and this node may not have had all of it. */
  saveAfterLoss(): Uint8Array;
}

/** What became of an input. */
export type Taken =
  | 'taken'
  /** In the log already. */
  | 'duplicate'
  /** Of a meeting that is over. */
  | 'over';

/** A node's part in a room, told with each {@link CaptionBus.attend}. */
export interface Attendance {
  readonly viewers: number;
  /** The agent session connected here that serves the room. */
  readonly serving: string | null;
}

/** What the other nodes said of the same room. */
export interface Attended {
  readonly viewersElsewhere: number;
  /** Some node, perhaps this one, has the room's agent connected. */
  readonly isAgentConnected: boolean;
}

export interface BusWatch {
  /** Nothing can be appended or followed until {@link BusWatch.onFound}. */
  onLost(): void;
  onFound(): void;
}

export interface CaptionBus {
  /** Several nodes may share it: what this node does not hold, another one may. */
  readonly isShared: boolean;
  readonly isReachable: boolean;
  watch(watch: BusWatch): void;
  /** Once for each room; ends with {@link leave}. The past is handed over as soon as it can be had. */
  follow(room: string, follower: RoomFollower): void;
  /** Idempotent. A bus of this process forgets the room. */
  leave(room: string): void;
  /**
   * Only to a room that is followed. Rejects with {@link BusUnavailable}; whether the input got in is then
   * unknown, so only what can be repeated may be offered again.
   */
  append(room: string, input: RoomInput): Promise<Taken>;
  /** The highest frame number in the log of each of these rooms, of this session. */
  held(session: string, rooms: readonly string[]): Promise<Map<string, number>>;
  /** To be called every few seconds while this node has to do with the room, and once when it no longer has. */
  attend(room: string, attendance: Attendance): Promise<Attended>;
  /** True for one node at a time: it alone fetches agents for the room. Lasts some seconds, then ask again. */
  lead(room: string): Promise<boolean>;
  /** Nothing of the room is kept or followed. Works also while the bus cannot be reached: it is then done later. */
  erase(room: string): void;
  close(): Promise<void>;
}

/** Names a numbering; never 0, which viewers use for "none". */
export function newEpoch(): number {
  return randomBytes(4).readUInt32LE() || 1;
}

/** The bus cannot be reached, or too much waits for it. */
export class BusUnavailable extends Error {
  override readonly name = 'BusUnavailable';
}
