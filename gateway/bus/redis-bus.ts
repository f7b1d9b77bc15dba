/** The bus of several gateways, in Redis or Valkey: joins the rooms to the link. See docs/decisions/0011. */
import { randomUUID } from 'node:crypto';
import type { Logger } from '../../runtime/log.ts';
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
import { RedisLink } from './redis-link.ts';
import { RedisRoom } from './redis-room.ts';
import { ERASE, HELD, roomKeys } from './redis-scripts.ts';
import type { RoomInput } from './room-input.ts';

export interface RedisBusOptions {
  readonly url: string;
  /** What the bus keeps of a room after its last caption. */
  readonly keepS: number;
  readonly log: Logger;
  /** Counted: a crowd of viewers must not cost a crowd of reads. */
  readonly onRead?: () => void;
  readonly onRewritten?: () => void;
  readonly onReconnected?: () => void;
  /** Redis answered after so long: once a frame, or for several frames of a room at once. */
  readonly onCalled?: (seconds: number) => void;
}

export class RedisBus implements CaptionBus {
  readonly isShared = true;
  readonly #options: RedisBusOptions;
  readonly #node = randomUUID();
  readonly #rooms = new Map<string, RedisRoom>();
  /** To be erased as soon as that is possible. */
  readonly #erasing = new Set<string>();
  readonly #link: RedisLink;
  #watch: BusWatch | null = null;
  #wasUp = false;

  private constructor(options: RedisBusOptions) {
    this.#options = options;
    this.#link = new RedisLink({
      url: options.url,
      log: options.log,
      onUp: () => this.#handleUp(),
      onDown: () => this.#handleDown(),
      onCalled: (seconds) => this.#options.onCalled?.(seconds),
    });
  }

  /** Resolves also when the server cannot be reached yet: the bus goes on trying. */
  static async open(options: RedisBusOptions): Promise<RedisBus> {
    const bus = new RedisBus(options);
    await bus.#link.open();
    return bus;
  }

  get isReachable(): boolean {
    return this.#link.isUp;
  }

  watch(watch: BusWatch): void {
    this.#watch = watch;
  }

  follow(room: string, follower: RoomFollower): void {
    const { log, keepS } = this.#options;
    const followed = new RedisRoom({
      room,
      node: this.#node,
      link: this.#link,
      follower,
      keepS,
      log,
      onRead: () => this.#options.onRead?.(),
      onRewritten: () => this.#options.onRewritten?.(),
    });
    this.#rooms.set(room, followed);
    if (this.#link.isUp) followed.handleUp();
  }

  leave(room: string): void {
    this.#rooms.get(room)?.close();
    this.#rooms.delete(room);
  }

  append(name: string, input: RoomInput): Promise<Taken> {
    const room = this.#rooms.get(name);
    return room?.append(input) ?? Promise.reject(new BusUnavailable('the room is not followed'));
  }

  async held(session: string, rooms: readonly string[]): Promise<Map<string, number>> {
    const numbers = await Promise.all(rooms.map((room) => this.#link.call(HELD, roomKeys(room), [session])));
    const held = new Map<string, number>();
    for (const [index, number] of numbers.entries()) {
      const room = rooms[index];
      if (room !== undefined && number !== null) held.set(room, Number(number));
    }
    return held;
  }

  attend(name: string, attendance: Attendance): Promise<Attended> {
    const room = this.#rooms.get(name);
    if (!room) return Promise.reject(new BusUnavailable('the room is not followed'));
    return room.attend(attendance);
  }

  async lead(name: string): Promise<boolean> {
    return (await this.#rooms.get(name)?.lead()) ?? false;
  }

  erase(room: string): void {
    this.leave(room);
    this.#erasing.add(room);
    void this.#eraseNow(room);
  }

  async close(): Promise<void> {
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
    this.#link.close();
  }

  async #eraseNow(room: string): Promise<void> {
    const args = [this.#link.isSharded ? '1' : '0', String(newEpoch()), String(this.#options.keepS)];
    try {
      await this.#link.call(ERASE, roomKeys(room), args);
      this.#erasing.delete(room);
    } catch (error) {
      this.#options.log.warn({ err: error, room }, 'a room could not be erased on the bus yet');
    }
  }

  #handleUp(): void {
    if (this.#wasUp) this.#options.onReconnected?.();
    this.#wasUp = true;
    for (const room of this.#erasing) void this.#eraseNow(room);
    for (const room of this.#rooms.values()) room.handleUp();
    this.#watch?.onFound();
  }

  #handleDown(): void {
    for (const room of this.#rooms.values()) room.handleDown();
    this.#watch?.onLost();
  }
}
