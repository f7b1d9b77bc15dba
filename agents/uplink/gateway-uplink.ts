/**
 * All rooms' way to the gateway. Frames are numbered per room and held until the gateway has them, and longer as
 * history: after each (re)connection the gateway's welcome says what it holds and the rest follows. Callers hand
 * frames over at any time and never wait; while the gateway is away or slow, frames stay in bounded rings whose
 * oldest goes when they are full (counted as lost if no gateway ever had it).
 */
import type { CaptionEvent, StageTimes } from '../../protocol/caption-event.ts';
import { packFromAgent, type ToAgent, type UplinkLoad } from '../../protocol/uplink-message.ts';
import { nowMs } from '../../runtime/clock.ts';
import { RoomUplink } from './room-uplink.ts';
import { UplinkConnection, type UplinkConnectionOptions, type UplinkState } from './uplink-connection.ts';

/** A room's history: about half an hour of a lively meeting. */
const ROOM_LIMITS = { frames: 4_000, bytes: 1_048_576 };
/** More than this unsent in the socket: frames wait in their rings, where newer ones may replace them. */
const MAX_BUFFERED_BYTES = 1_048_576;
/** A left room is remembered so long, because its `left` may have to be said again. */
const LEFT_ROOM_KEPT_MS = 30_000;
/** And so long while a gateway that is away lacks its last frames. */
const UNTOLD_ROOM_KEPT_MS = 600_000;
const FORGET_INTERVAL_MS = 10_000;
/** A gateway takes a repeated number as done, so a room that comes back must go on counting. */
const MAX_REMEMBERED_NUMBERS = 10_000;

export interface GatewayUplinkOptions extends Omit<UplinkConnectionOptions, 'getRooms' | 'onMessage'> {
  readonly maxTotalBytes: number;
  readonly onFramesLost?: (count: number) => void;
  readonly onFrameSent?: () => void;
}

export class GatewayUplink {
  readonly #options: GatewayUplinkOptions;
  readonly #connection: UplinkConnection;
  readonly #rooms = new Map<string, RoomUplink>();
  /** Last frame number of rooms that were left and forgotten; the oldest goes. */
  readonly #lastNumbers = new Map<string, number>();
  readonly #forgetting = setInterval(() => this.#forgetLeftRooms(), FORGET_INTERVAL_MS);
  #heldBytes = 0;
  #onSettled: (() => void) | null = null;

  constructor(options: GatewayUplinkOptions) {
    this.#options = options;
    this.#connection = new UplinkConnection({
      ...options,
      getRooms: () => [...this.#rooms.keys()],
      onMessage: (message) => this.#handleMessage(message),
    });
  }

  get state(): UplinkState {
    return this.#connection.state;
  }

  /** Written, but not yet taken by the network: bounded, see {@link MAX_BUFFERED_BYTES}. */
  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  connect(): void {
    this.#connection.connect();
  }

  /** One frame of a room; it goes out at once if the connection allows, later otherwise. */
  send(room: string, events: readonly CaptionEvent[], times: StageTimes | null): void {
    const uplink = this.#roomOf(room);
    uplink.leftAtMs = null;
    this.#heldBytes -= uplink.held.bytes;
    let lost = uplink.push(events, times);
    this.#heldBytes += uplink.held.bytes;
    while (this.#heldBytes > this.#options.maxTotalBytes) lost += this.#dropFromLargest();
    if (lost > 0) this.#options.onFramesLost?.(lost);
    this.#pump(uplink);
  }

  /** The room was left on purpose: nothing more of it will come, and that is no gap. */
  leave(room: string): void {
    const uplink = this.#rooms.get(room);
    if (!uplink || uplink.leftAtMs !== null) return;
    uplink.leftAtMs = nowMs();
    this.#pump(uplink);
  }

  /** Only while the gateway takes what it is sent: the next one says the same and more. */
  tellLoad(load: Omit<UplinkLoad, 'type'>): void {
    if (this.state === 'open' && this.bufferedBytes === 0) {
      this.#connection.send(packFromAgent({ type: 'load', ...load }));
    }
  }

  /** Waits until the gateway has everything, at most `deadlineMs`, then closes for good. */
  async close(deadlineMs: number): Promise<void> {
    clearInterval(this.#forgetting);
    const mayStillTell = this.state !== 'idle' && this.state !== 'closed';
    if (mayStillTell && !this.#allSettled()) await this.#settledWithin(deadlineMs);
    this.#connection.close();
  }

  #handleMessage(message: ToAgent): void {
    if (message.type === 'ack') this.#rooms.get(message.room)?.held.acknowledge(message.number);
    else if (message.type === 'erase') this.#erase(message.room);
    else {
      const held = new Map(message.held);
      for (const uplink of this.#rooms.values()) uplink.resumeAfter(held.get(uplink.room) ?? 0);
      this.#pumpAll();
    }
    if (this.#onSettled && this.#allSettled()) this.#onSettled();
  }

  /** Writes what the room has until the socket is full; its write callback comes back for the rest. */
  #pump(uplink: RoomUplink): void {
    const connection = this.#connection;
    while (connection.state === 'open' && connection.bufferedBytes < MAX_BUFFERED_BYTES) {
      const bytes = uplink.takeNext();
      if (bytes === null) return;
      const isLastThatFits = connection.bufferedBytes + bytes.byteLength >= MAX_BUFFERED_BYTES;
      connection.send(bytes, isLastThatFits ? () => this.#pumpAll() : undefined);
      this.#options.onFrameSent?.();
    }
  }

  /** What no gateway has acknowledged yet was said later than what was erased. */
  #erase(room: string): void {
    const uplink = this.#rooms.get(room);
    if (!uplink) return;
    this.#heldBytes -= uplink.held.bytes;
    uplink.held.dropAcknowledged();
    this.#heldBytes += uplink.held.bytes;
  }

  #pumpAll(): void {
    for (const uplink of this.#rooms.values()) this.#pump(uplink);
  }

  #roomOf(room: string): RoomUplink {
    const known = this.#rooms.get(room);
    if (known) return known;
    const uplink = new RoomUplink(room, ROOM_LIMITS, this.#lastNumbers.get(room) ?? 0);
    this.#lastNumbers.delete(room);
    this.#rooms.set(room, uplink);
    return uplink;
  }

  #forgetLeftRooms(): void {
    const now = nowMs();
    for (const uplink of this.#rooms.values()) {
      if (uplink.leftAtMs === null) continue;
      if (now - uplink.leftAtMs < (uplink.settled ? LEFT_ROOM_KEPT_MS : UNTOLD_ROOM_KEPT_MS)) continue;
      this.#rooms.delete(uplink.room);
      this.#heldBytes -= uplink.held.bytes;
      this.#lastNumbers.set(uplink.room, uplink.held.lastNumber);
    }
    for (const room of this.#lastNumbers.keys()) {
      if (this.#lastNumbers.size <= MAX_REMEMBERED_NUMBERS) break;
      this.#lastNumbers.delete(room);
    }
  }

  /** The process-wide bound: the room with the most history gives its oldest frame. */
  #dropFromLargest(): number {
    let largest: RoomUplink | undefined;
    for (const uplink of this.#rooms.values()) {
      if (!largest || uplink.held.bytes > largest.held.bytes) largest = uplink;
    }
    if (!largest) return 0;
    this.#heldBytes -= largest.held.bytes;
    const lost = largest.held.dropOldest();
    this.#heldBytes += largest.held.bytes;
    return lost;
  }

  #allSettled(): boolean {
    return [...this.#rooms.values()].every((uplink) => uplink.settled);
  }

  async #settledWithin(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
      timer = setTimeout(resolve, deadlineMs);
    });
    clearTimeout(timer);
    this.#onSettled = null;
  }
}
