/**
 * The agent's connection to its gateway. Frames are numbered per room and held until the gateway has them, and
 * longer as history: after each (re)connection the gateway's welcome says what it holds and the rest follows.
 * Callers hand frames over at any time and never wait; while the gateway is away or slow, frames stay in bounded
 * rings whose oldest goes when they are full (counted as lost if no gateway ever had it).
 */
import { createSigner } from 'fast-jwt';
import { WebSocket } from 'ws';
import type { CaptionEvent, StageTimes } from '../../protocol/caption-event.ts';
import { closeCodeOf } from '../../protocol/close-codes.ts';
import { UPLINK_AUDIENCE, UPLINK_PATH, UPLINK_SUBPROTOCOL } from '../../protocol/connection.ts';
import { MAX_UPLINK_MESSAGE_BYTES, packFromAgent, unpackToAgent } from '../../protocol/uplink-message.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { reconnectDelayMs } from '../reconnect-delay.ts';
import { RoomUplink } from './room-uplink.ts';

/** A room's history: about half an hour of a lively meeting. */
const ROOM_LIMITS = { frames: 4_000, bytes: 1_048_576 };
const RECONNECT_DELAY = { minMs: 200, maxMs: 2_000 };
const TOKEN_LIFETIME_MS = 60_000;
const WELCOME_DEADLINE_MS = 5_000;
const PING_INTERVAL_MS = 5_000;
/** More than this unsent in the socket: frames wait in their rings, where newer ones may replace them. */
const MAX_BUFFERED_BYTES = 1_048_576;
/** A left room is remembered so long, because its `left` may have to be said again. */
const LEFT_ROOM_KEPT_MS = 30_000;
/** And so long while a gateway that is away lacks its last frames. */
const UNTOLD_ROOM_KEPT_MS = 600_000;
/** A gateway takes a repeated number as done, so a room that comes back must go on counting. */
const MAX_REMEMBERED_NUMBERS = 10_000;

export interface GatewayUplinkOptions {
  /** ws:// or wss:// address of the gateway's socket port. */
  readonly url: string;
  readonly apiSecret: string;
  readonly agentId: string;
  /** New with each start of the process. */
  readonly sessionId: string;
  readonly maxTotalBytes: number;
  readonly log: Logger;
  readonly onFramesLost?: (count: number) => void;
  readonly onFrameSent?: () => void;
}

export type UplinkState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export class GatewayUplink {
  readonly #options: GatewayUplinkOptions;
  readonly #sign: (payload: Record<string, unknown>) => string;
  readonly #rooms = new Map<string, RoomUplink>();
  /** Last frame number of rooms that were left and forgotten; the oldest goes. */
  readonly #lastNumbers = new Map<string, number>();
  #state: UplinkState = 'idle';
  #socket: WebSocket | null = null;
  #attempt = 0;
  #heldBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #pongPending = false;
  #onSettled: (() => void) | null = null;

  constructor(options: GatewayUplinkOptions) {
    this.#options = options;
    this.#sign = createSigner({
      algorithm: 'HS256',
      key: options.apiSecret,
      aud: UPLINK_AUDIENCE,
      sub: options.agentId,
      expiresIn: TOKEN_LIFETIME_MS,
    });
  }

  get state(): UplinkState {
    return this.#state;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  connect(): void {
    if (this.#state === 'idle') this.#open();
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

  /** Waits until the gateway has everything, at most `deadlineMs`, then closes for good. */
  async close(deadlineMs: number): Promise<void> {
    if (this.#state === 'closed') return;
    if (this.#state !== 'idle' && !this.#allSettled()) await this.#settledWithin(deadlineMs);
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#forgetConnection(1000);
  }

  #open(): void {
    const socket = new WebSocket(this.#options.url + UPLINK_PATH, UPLINK_SUBPROTOCOL, {
      headers: { Authorization: `Bearer ${this.#sign({})}` },
      handshakeTimeout: WELCOME_DEADLINE_MS,
      maxPayload: MAX_UPLINK_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#state = 'connecting';
    this.#timer = setTimeout(() => socket.terminate(), WELCOME_DEADLINE_MS);
    const { agentId, sessionId, log } = this.#options;
    socket.on('open', () => socket.send(packFromAgent({ type: 'hello', agentId, sessionId })));
    socket.on('message', (bytes: Buffer) => {
      if (socket === this.#socket) this.#handleBytes(bytes);
    });
    socket.on('pong', () => {
      this.#pongPending = false;
    });
    // 'close' follows and handles it; without a listener it would end the process.
    socket.on('error', (error) => log.debug({ err: error }, 'uplink failed'));
    socket.on('close', (code) => this.#handleLost(socket, code));
  }

  #handleBytes(bytes: Buffer): void {
    try {
      const message = unpackToAgent(bytes);
      if (message.type === 'welcome') this.#handleWelcome(new Map(message.held));
      else this.#handleAck(message.room, message.number);
    } catch (error) {
      this.#options.log.error({ err: error }, 'gateway sent a malformed message');
      this.#socket?.close(1002);
    }
  }

  #handleWelcome(held: ReadonlyMap<string, number>): void {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#state = 'open';
    this.#options.log.info({ rooms: this.#rooms.size }, 'uplink to the gateway open');
    this.#pongPending = false;
    this.#pinger = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    for (const uplink of this.#rooms.values()) {
      uplink.resumeAfter(held.get(uplink.room) ?? 0);
      this.#pump(uplink);
    }
    this.#tellIfSettled();
  }

  #handleAck(room: string, number: number): void {
    this.#rooms.get(room)?.held.acknowledge(number);
    this.#tellIfSettled();
  }

  #tellIfSettled(): void {
    if (this.#onSettled && this.#allSettled()) this.#onSettled();
  }

  /** Writes what the room has until the socket is full; its write callback comes back for the rest. */
  #pump(uplink: RoomUplink): void {
    const socket = this.#socket;
    while (this.#state === 'open' && socket && socket.bufferedAmount < MAX_BUFFERED_BYTES) {
      const bytes = uplink.takeNext();
      if (bytes === null) return;
      const isLastThatFits = socket.bufferedAmount + bytes.byteLength >= MAX_BUFFERED_BYTES;
      socket.send(bytes, isLastThatFits ? () => this.#pumpAll() : undefined);
      this.#options.onFrameSent?.();
    }
  }

  #pumpAll(): void {
    for (const uplink of this.#rooms.values()) this.#pump(uplink);
  }

  #ping(): void {
    if (this.#pongPending) {
      this.#options.log.warn('gateway fell silent; reconnecting the uplink');
      this.#socket?.terminate();
      return;
    }
    this.#pongPending = true;
    this.#socket?.ping();
    this.#forgetLeftRooms();
  }

  #handleLost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket || this.#state === 'closed') return;
    this.#forgetConnection();
    const known = closeCodeOf(code);
    // Captions must not end because one gateway said stop: come back, but without haste.
    const attempt = known?.client === 'stop' ? Number.POSITIVE_INFINITY : this.#attempt;
    this.#attempt += 1;
    const delayMs = reconnectDelayMs(attempt, RECONNECT_DELAY, Math.random());
    this.#options.log.warn({ code, reason: known?.reason, delayMs }, 'uplink to the gateway lost');
    this.#state = 'waiting';
    this.#timer = setTimeout(() => this.#open(), delayMs);
  }

  #forgetConnection(code?: number): void {
    clearTimeout(this.#timer);
    clearInterval(this.#pinger);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(code);
    this.#forgetLeftRooms();
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
