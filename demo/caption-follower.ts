/**
 * A viewer of captions over the real socket, without a browser: joins with its position, resumes after a lost
 * connection, and rejoins when it sees that a frame is missing.
 */
import { WebSocket } from 'ws';
import { reconnectDelayMs } from '../agents/reconnect-delay.ts';
import type { CaptionEvent, StageTimes } from '../protocol/caption-event.ts';
import { closeCodeOf } from '../protocol/close-codes.ts';
import { TOKEN_SUBPROTOCOL_PREFIX, VIEWER_SUBPROTOCOL } from '../protocol/connection.ts';
import type { CaptionsAccess } from '../protocol/room-api.ts';
import { HEARTBEAT_MS, packFromViewer, type ToViewer, unpackToViewer } from '../protocol/viewer-message.ts';
import { nowMs } from '../runtime/clock.ts';
import { SurtitreError } from '../runtime/errors.ts';

const RECONNECT_DELAY = { minMs: 100, maxMs: 3_000 };
/** Two heartbeats and some patience without any message: the connection is dead. */
const SILENCE_MS = HEARTBEAT_MS * 2.5;

export interface FollowerOptions {
  /** Asked for each connection, so that an expired token is replaced. */
  readonly access: () => Promise<CaptionsAccess>;
  /** `times` is null for what is repeated in a welcome; `receivedMs` is Unix time. */
  readonly onEvents: (events: readonly CaptionEvent[], times: StageTimes | null, receivedMs: number) => void;
  /** The gateway says not to come back. */
  readonly onEnded: (error: SurtitreError) => void;
}

export class CaptionFollower {
  readonly #options: FollowerOptions;
  readonly #welcomed: Promise<void>;
  #resolveWelcomed: () => void = () => {};
  #socket: WebSocket | null = null;
  #epoch = 0;
  #seq = 0;
  #attempt = 0;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  /** Frames that a gateway did not deliver and that had to be fetched by rejoining. */
  missedFrames = 0;
  reconnects = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#welcomed = new Promise((resolve) => {
      this.#resolveWelcomed = resolve;
    });
  }

  /** Resolves with the first welcome; attempts go on until {@link close}. */
  connect(): Promise<void> {
    void this.#open();
    return this.#welcomed;
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#socket?.close(1000);
  }

  async #open(): Promise<void> {
    let access: CaptionsAccess;
    try {
      access = await this.#options.access();
    } catch (error) {
      if (error instanceof SurtitreError && !error.retryable) this.#end(error);
      else this.#retryLater();
      return;
    }
    if (this.#closed) return;
    const protocols = [VIEWER_SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX + access.captionsToken];
    const socket = new WebSocket(access.captionsUrl, protocols, { handshakeTimeout: 10_000 });
    this.#socket = socket;
    socket.on('open', () => {
      socket.send(packFromViewer({ type: 'join', epoch: this.#epoch, seq: this.#seq }));
      this.#expectSign(socket);
    });
    socket.on('message', (data) => this.#handleBytes(socket, data as Buffer, nowMs()));
    // `close` follows and handles it; without a listener it would end the process.
    socket.on('error', () => {});
    socket.on('close', (code) => this.#handleClosed(code));
  }

  #handleBytes(socket: WebSocket, bytes: Buffer, receivedMs: number): void {
    if (socket !== this.#socket || this.#closed) return;
    this.#expectSign(socket);
    const message: ToViewer = unpackToViewer(bytes);
    switch (message.type) {
      case 'welcome':
        this.#epoch = message.epoch;
        this.#seq = message.seq;
        this.#attempt = 0;
        this.#options.onEvents(message.events, null, receivedMs);
        this.#resolveWelcomed();
        return;
      case 'frame':
        if (message.epoch !== this.#epoch || message.seq > this.#seq + 1) {
          this.#rejoin(socket);
          return;
        }
        if (message.seq <= this.#seq) return;
        this.#seq = message.seq;
        this.#options.onEvents(message.events, message.times, receivedMs);
        return;
      case 'heartbeat':
        if (message.epoch !== this.#epoch || message.seq > this.#seq) this.#rejoin(socket);
        return;
      case 'move':
        this.#retryLater(message.delayMs);
        socket.close(1000);
    }
  }

  #rejoin(socket: WebSocket): void {
    this.missedFrames += 1;
    socket.terminate();
  }

  #handleClosed(code: number): void {
    clearTimeout(this.#silence);
    if (this.#closed) return;
    const known = closeCodeOf(code);
    if (known?.client === 'stop') {
      const error = new SurtitreError('captions-ended', `The gateway ended the captions: ${known.reason}.`);
      this.#end(error);
    } else {
      this.#retryLater();
    }
  }

  #retryLater(delayMs = reconnectDelayMs(this.#attempt, RECONNECT_DELAY, Math.random())): void {
    if (this.#closed) return;
    this.#attempt += 1;
    this.reconnects += 1;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#open(), delayMs);
  }

  #expectSign(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => socket.terminate(), SILENCE_MS);
  }

  #end(error: SurtitreError): void {
    this.close();
    this.#options.onEnded(error);
  }
}
