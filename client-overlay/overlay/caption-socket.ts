/**
 * One viewer's connection to the captions of its room: joins with the last position, checks that no frame is
 * missing, and comes back by itself until it is stopped or told not to. It keeps the position (epoch, seq), never
 * the captions; whoever receives them merges repeats. A connection belongs to a generation: whatever an older
 * one still reports is ignored.
 */
import type { CaptionEvent, StageTimes } from '../../protocol/caption-event.ts';
import { CLOSE_CODES, closeCodeOf, VIEWER_RESUMES } from '../../protocol/close-codes.ts';
import { TOKEN_SUBPROTOCOL_PREFIX, VIEWER_SUBPROTOCOL } from '../../protocol/connection.ts';
import {
  HEARTBEAT_MS,
  PAINTED_EVERY_MS,
  packFromViewer,
  type ToViewer,
  unpackToViewer,
  type ViewerWelcome,
} from '../../protocol/viewer-message.ts';
import { reconnectDelayMs } from './reconnect-delay.ts';

export type SocketState =
  | { readonly state: 'idle' }
  /** `attempt`: failures in a row before this one. */
  | { readonly state: 'connecting'; readonly attempt: number }
  /** Welcomed: captions flow. */
  | { readonly state: 'open' }
  /** `token`: until {@link CaptionSocket.retry}; `retry`: for a moment. */
  | { readonly state: 'waiting'; readonly attempt: number; readonly cause: 'retry' | 'token' }
  /** For good: a new {@link CaptionSocket.start} is needed. */
  | { readonly state: 'stopped'; readonly cause: 'room-closed' | 'refused' };

export interface CaptionDelivery {
  readonly events: readonly CaptionEvent[];
  readonly times: StageTimes | null;
  /** Only with the first delivery of a connection. */
  readonly welcome: CaptionWelcome | null;
}

export interface CaptionWelcome {
  readonly serverMs: number;
  /** False: something after the position is no longer held. */
  readonly recovered: boolean;
  /** The position was another gateway's, and everything held has come. */
  readonly renumbered: boolean;
}

export interface CaptionSocketOptions {
  readonly url: string;
  /** `refused`: the last token may be the reason why there is no connection. Null: none yet, wait for `retry`. */
  readonly getToken: (refused: boolean) => Promise<string | null>;
  readonly onDelivery: (delivery: CaptionDelivery) => void;
  readonly onState: (state: SocketState) => void;
  /** Where there is no `WebSocket` of the platform. */
  readonly createSocket?: (url: string, protocols: string[]) => WebSocket;
  readonly random?: () => number;
}

const OPEN = 1;
const SILENCE_LIMIT_MS = 2.5 * HEARTBEAT_MS;
/** A connection that held this long ends a row of failures. */
const HEALTHY_AFTER_MS = 10_000;

export class CaptionSocket {
  readonly #options: CaptionSocketOptions;
  #state: SocketState = { state: 'idle' };
  #generation = 0;
  #attempt = 0;
  #tokenRefused = false;
  #position = { epoch: 0, seq: 0 };
  #socket: WebSocket | null = null;
  #lastHeardAt = 0;
  #welcomedAt = 0;
  #moveAt: number | null = null;
  /** Not all viewers of a room at once. */
  #tellPaintedAt = performance.now() + Math.random() * PAINTED_EVERY_MS;
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #moveTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: CaptionSocketOptions) {
    this.#options = options;
  }

  get state(): SocketState {
    return this.#state;
  }

  start(): void {
    if (this.#state.state !== 'idle' && this.#state.state !== 'stopped') return;
    this.#attempt = 0;
    this.#tokenRefused = false;
    void this.#connect();
  }

  /** Keeps the position, so that a later start brings what was missed. */
  stop(): void {
    this.#abandon(1000, 'captions off');
    this.#enter({ state: 'idle' });
  }

  /** Connects at once instead of waiting: there is a token, the network is back, the page is seen again. */
  retry(): void {
    if (this.#state.state === 'waiting') void this.#connect();
    else if (this.#socket && performance.now() - this.#lastHeardAt > 1.5 * HEARTBEAT_MS)
      this.#resume('silence');
  }

  /** What was received does not fit together: asks for everything that the gateway holds. */
  refetch(): void {
    this.#position = { epoch: 0, seq: 0 };
    if (this.#socket) this.#resume('captions do not fit together');
  }

  /** The newest words of a frame are on screen; now and then the gateway is told how long that took. */
  handlePainted({ audioMs, publishedUs }: StageTimes, heldMs: number): void {
    const now = performance.now();
    if (now < this.#tellPaintedAt || this.#state.state !== 'open') return;
    this.#tellPaintedAt = now + PAINTED_EVERY_MS;
    const heldUs = Math.max(0, Math.round(heldMs * 1000));
    this.#socket?.send(packFromViewer({ type: 'painted', audioMs, publishedUs, heldUs }));
  }

  async #connect(): Promise<void> {
    this.#abandon(1000, 'reconnecting');
    const generation = this.#generation;
    this.#enter({ state: 'connecting', attempt: this.#attempt });
    let token: string | null;
    try {
      token = await this.#options.getToken(this.#tokenRefused);
    } catch {
      if (generation === this.#generation) this.#reconnectLater(); // the page's token service failed: as a lost connection
      return;
    }
    if (generation !== this.#generation) return;
    if (token === null) {
      this.#enter({ state: 'waiting', attempt: this.#attempt, cause: 'token' });
      return;
    }
    this.#tokenRefused = false;
    this.#open(generation, token);
  }

  #open(generation: number, token: string): void {
    const protocols = [VIEWER_SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX + token];
    let socket: WebSocket;
    try {
      socket =
        this.#options.createSocket?.(this.#options.url, protocols) ??
        new WebSocket(this.#options.url, protocols);
    } catch {
      this.#enter({ state: 'stopped', cause: 'refused' }); // no address, or a token that is none
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#welcomedAt = 0;
    this.#hear();
    this.#watchSilence();
    const current = () => generation === this.#generation;
    socket.onopen = () => {
      if (current()) socket.send(packFromViewer({ type: 'join', ...this.#position }));
    };
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (current()) this.#handleMessage(message.data);
    };
    socket.onerror = () => {}; // says nothing; the close that follows does
    socket.onclose = (event: CloseEvent) => {
      if (current()) this.#handleClose(event.code);
    };
  }

  #handleMessage(data: unknown): void {
    this.#hear();
    let message: ToViewer;
    try {
      if (!(data instanceof ArrayBuffer)) throw new TypeError('binary message expected');
      message = unpackToViewer(new Uint8Array(data));
    } catch {
      this.#resume('malformed message');
      return;
    }
    switch (message.type) {
      case 'welcome':
        this.#handleWelcome(message);
        return;
      case 'frame':
        if (this.#welcomedAt === 0) return; // older than the welcome, which holds it; if not, the next shows the hole
        if (
          message.epoch !== this.#position.epoch ||
          message.seq > this.#position.seq + (message.steps ?? 1)
        ) {
          this.#resume('a frame is missing');
          return;
        }
        if (message.seq <= this.#position.seq) return;
        this.#position = { epoch: message.epoch, seq: message.seq };
        this.#options.onDelivery({ events: message.events, times: message.times, welcome: null });
        return;
      case 'heartbeat':
        if (this.#welcomedAt === 0) return;
        if (message.epoch !== this.#position.epoch || message.seq !== this.#position.seq) {
          this.#resume('the last frame is missing');
        }
        return;
      case 'move':
        this.#moveAt = performance.now() + message.delayMs;
        clearTimeout(this.#moveTimer);
        this.#moveTimer = setTimeout(() => void this.#connect(), message.delayMs);
        return;
    }
  }

  #handleWelcome({ epoch, seq, serverMs, recovered, events }: ViewerWelcome): void {
    const renumbered = epoch !== this.#position.epoch;
    this.#position = { epoch, seq };
    this.#welcomedAt = performance.now();
    const generation = this.#generation;
    this.#options.onDelivery({ events, times: null, welcome: { serverMs, recovered, renumbered } });
    // Open only now, so that nobody is told of the room's former status; unless all is asked for again already.
    if (generation === this.#generation) this.#enter({ state: 'open' });
  }

  #handleClose(code: number): void {
    const known = closeCodeOf(code);
    if (known?.client === 'stop') {
      this.#abandon(1000, 'stopped');
      const cause = code === CLOSE_CODES.roomClosed.code ? 'room-closed' : 'refused';
      this.#enter({ state: 'stopped', cause });
      return;
    }
    // A refused upgrade has no code of ours: browsers hide the answer, so the token is renewed to be sure.
    this.#tokenRefused = known?.client === 'refresh' || (known === undefined && this.#welcomedAt === 0);
    this.#reconnectLater();
  }

  #resume(reason: string): void {
    this.#socket?.close(VIEWER_RESUMES, reason);
    this.#reconnectLater();
  }

  #reconnectLater(): void {
    const moveDelayMs = this.#moveAt === null ? null : Math.max(0, this.#moveAt - performance.now());
    this.#abandon(1000, 'reconnecting');
    const random = this.#options.random ?? Math.random;
    const delayMs = moveDelayMs ?? reconnectDelayMs(this.#attempt, random());
    this.#attempt += 1;
    this.#enter({ state: 'waiting', attempt: this.#attempt, cause: 'retry' });
    this.#reconnectTimer = setTimeout(() => void this.#connect(), delayMs);
  }

  #hear(): void {
    this.#lastHeardAt = performance.now();
  }

  #watchSilence(): void {
    const leftMs = this.#lastHeardAt + SILENCE_LIMIT_MS - performance.now();
    if (leftMs <= 0) this.#resume('silence');
    else this.#silenceTimer = setTimeout(() => this.#watchSilence(), leftMs);
  }

  /** Ends the present generation: its socket, its timers, whatever it awaits. */
  #abandon(code: number, reason: string): void {
    this.#generation += 1;
    if (this.#welcomedAt > 0 && performance.now() - this.#welcomedAt > HEALTHY_AFTER_MS) this.#attempt = 0;
    this.#welcomedAt = 0;
    clearTimeout(this.#reconnectTimer);
    clearTimeout(this.#silenceTimer);
    clearTimeout(this.#moveTimer);
    this.#moveAt = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState <= OPEN) socket.close(code, reason);
  }

  #enter(state: SocketState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}
