/**
 * The WebSocket to the gateway: opens it with a fresh token, says hello, notices when the other end is dead, and
 * comes back with a jittered delay until it is closed. Knows messages, but nothing of rooms.
 */
import { createSigner } from 'fast-jwt';
import { WebSocket } from 'ws';
import { closeCodeOf } from '../../protocol/close-codes.ts';
import { UPLINK_AUDIENCE, UPLINK_PATH, UPLINK_SUBPROTOCOL } from '../../protocol/connection.ts';
import {
  MAX_UPLINK_MESSAGE_BYTES,
  packFromAgent,
  type ToAgent,
  unpackToAgent,
} from '../../protocol/uplink-message.ts';
import type { Logger } from '../../runtime/log.ts';
import { reconnectDelayMs } from '../reconnect-delay.ts';

const RECONNECT_DELAY = { minMs: 200, maxMs: 2_000 };
const TOKEN_LIFETIME_MS = 60_000;
const WELCOME_DEADLINE_MS = 5_000;
const PING_INTERVAL_MS = 5_000;

export interface UplinkConnectionOptions {
  /** ws:// or wss:// address of the gateway's socket port. */
  readonly url: string;
  readonly apiSecret: string;
  readonly agentId: string;
  /** New with each start of the process. */
  readonly sessionId: string;
  readonly log: Logger;
  /** Of which frames are held: told to each gateway. */
  readonly getRooms: () => readonly string[];
  /** The first message on each connection is the welcome; nothing may be sent before it. */
  readonly onMessage: (message: ToAgent) => void;
}

export type UplinkState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export class UplinkConnection {
  readonly #options: UplinkConnectionOptions;
  readonly #sign: (payload: Record<string, unknown>) => string;
  #state: UplinkState = 'idle';
  #socket: WebSocket | null = null;
  #attempt = 0;
  /** The next thing to happen if the gateway does nothing: giving up on a welcome, or the next attempt. */
  #timer: NodeJS.Timeout | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #pongPending = false;

  constructor(options: UplinkConnectionOptions) {
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

  /** Written, but not yet taken by the network. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  connect(): void {
    if (this.#state === 'idle') this.#open();
  }

  /** Only while open. `onWritten` comes once the network has taken the bytes. */
  send(bytes: Uint8Array, onWritten?: () => void): void {
    this.#socket?.send(bytes, onWritten && (() => onWritten()));
  }

  /** What was written before still goes out. Idempotent. */
  close(): void {
    this.#state = 'closed';
    this.#forgetSocket(1000);
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
    const { agentId, sessionId, getRooms, log } = this.#options;
    socket.on('open', () =>
      socket.send(packFromAgent({ type: 'hello', agentId, sessionId, rooms: getRooms() })),
    );
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
    let message: ToAgent;
    try {
      message = unpackToAgent(bytes);
    } catch (error) {
      this.#options.log.error({ err: error }, 'gateway sent a malformed message');
      this.#socket?.close(1002);
      return;
    }
    if (message.type === 'welcome') this.#handleWelcome();
    if (this.#state === 'open') this.#options.onMessage(message);
  }

  #handleWelcome(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#pinger);
    this.#attempt = 0;
    this.#state = 'open';
    this.#options.log.info('uplink to the gateway open');
    this.#pongPending = false;
    this.#pinger = setInterval(() => this.#ping(), PING_INTERVAL_MS);
  }

  #ping(): void {
    if (this.#pongPending) {
      this.#options.log.warn('gateway fell silent; reconnecting the uplink');
      this.#socket?.terminate();
      return;
    }
    this.#pongPending = true;
    this.#socket?.ping();
  }

  #handleLost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket || this.#state === 'closed') return;
    this.#forgetSocket();
    const known = closeCodeOf(code);
    // Captions must not end because one gateway said stop: come back, but without haste.
    const attempt = known?.client === 'stop' ? Number.POSITIVE_INFINITY : this.#attempt;
    this.#attempt += 1;
    const delayMs = reconnectDelayMs(attempt, RECONNECT_DELAY, Math.random());
    this.#options.log.warn({ code, reason: known?.reason, delayMs }, 'uplink to the gateway lost');
    this.#state = 'waiting';
    this.#timer = setTimeout(() => this.#open(), delayMs);
  }

  #forgetSocket(code?: number): void {
    clearTimeout(this.#timer);
    clearInterval(this.#pinger);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(code);
  }
}
