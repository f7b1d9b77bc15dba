/**
 * The viewers' side of the fan-out: who watches which room, their first message, and what happens to those who
 * read too slowly. Nobody ever loses a frame in silence: a viewer whose unread bytes pass a bound is closed
 * with a code that says "come back and resume", and its position makes it whole again.
 */
import type { TemplatedApp, WebSocket } from 'uWebSockets.js';
import { VIEWER_PATH, VIEWER_SUBPROTOCOL } from '../../protocol/connection.ts';
import {
  type FromViewer,
  MAX_VIEWER_MESSAGE_BYTES,
  packToViewer,
  unpackFromViewer,
  type ViewerJoin,
} from '../../protocol/viewer-message.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { CaptionHub } from './caption-hub.ts';
import { type InboundAllowance, newAllowance, spend } from './inbound-allowance.ts';
import { decideViewerUpgrade, type ViewerDoor } from './viewer-upgrade.ts';
import { closeWith, refuse } from './websocket.ts';

const JOIN_DEADLINE_MS = 5_000;
/** Another node may have the room at hand when this one cannot get it. */
const ANSWER_DEADLINE_MS = 5_000;
/** At about 1 KB/s of captions, a minute behind. */
const SLOW_BYTES = 65_536;
/** A newcomer may need so long to take in the history before it counts as slow. */
const CATCH_UP_DEADLINE_MS = 30_000;
/** What may wait for one viewer at least; beyond it uWebSockets.js cuts the connection itself (the viewer sees 1006). */
const BUFFER_BYTES = 8_388_608;
/** A history with its word times takes some three. It must fit, or nobody could ever join. */
const HISTORY_BYTES_PER_CHARACTER = 4;
const SWEEP_MS = 1_000;
const NOTE_WRITING_EVERY_MS = 100;
const IDLE_TIMEOUT_S = 32;

/** Lives as long as its connection. */
interface Viewer {
  readonly room: string;
  readonly identity: string;
  readonly address: string;
  state: 'dismissed' | 'joining' | 'waiting' | 'catching-up' | 'following' | 'closed';
  /** When it entered that state. */
  sinceMs: number;
  readonly allowance: InboundAllowance;
  /** Why it is let in only to be closed. */
  readonly dismissal: 'tokenExpired' | 'roomClosed' | null;
}

type ViewerWebSocket = WebSocket<Viewer>;

export interface ViewerSocketsOptions extends ViewerDoor {
  readonly app: TemplatedApp;
  readonly metrics: GatewayMetrics;
  /** Of a room at most: the longest welcome. */
  readonly historyCharacters: number;
  /** Told before a newcomer is answered, so that its answer shows what follows from its coming. */
  readonly onViewerCount: (room: string, count: number) => void;
}

export class ViewerSockets {
  readonly #options: ViewerSocketsOptions;
  readonly #joining = new Set<ViewerWebSocket>();
  readonly #rooms = new Map<string, Set<ViewerWebSocket>>();
  #hub: CaptionHub | null = null;
  #sweeper: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | null = null;
  #noteWritingAtMs = 0;

  constructor(options: ViewerSocketsOptions) {
    this.#options = options;
  }

  serve(hub: CaptionHub): void {
    this.#hub = hub;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    const { app, metrics, historyCharacters } = this.#options;
    app.ws<Viewer>(VIEWER_PATH, {
      // A little above our own limit, so that a message just too large gets a close code and not a cut.
      maxPayloadLength: 4 * MAX_VIEWER_MESSAGE_BYTES,
      maxBackpressure: Math.max(BUFFER_BYTES, historyCharacters * HISTORY_BYTES_PER_CHARACTER),
      closeOnBackpressureLimit: true,
      idleTimeout: IDLE_TIMEOUT_S,
      sendPingsAutomatically: true,
      upgrade: (res, req, context) => {
        const decision = decideViewerUpgrade(this.#options, res, req);
        if ('refused' in decision) {
          metrics.authFailures.inc({ reason: decision.reason });
          refuse(res, decision.refused);
          return;
        }
        const viewer: Viewer = {
          room: 'admitted' in decision ? decision.admitted.room : '',
          identity: 'admitted' in decision ? decision.admitted.identity : '',
          address: decision.address,
          state: 'admitted' in decision ? 'joining' : 'dismissed',
          sinceMs: nowMs(),
          dismissal: 'dismissed' in decision ? decision.dismissed : null,
          allowance: newAllowance(nowMs()),
        };
        const key = req.getHeader('sec-websocket-key');
        const extensions = req.getHeader('sec-websocket-extensions');
        res.upgrade(viewer, key, VIEWER_SUBPROTOCOL, extensions, context);
      },
      open: (ws) => this.#handleOpen(ws),
      message: (ws, bytes, isBinary) => this.#handleMessage(ws, bytes, isBinary),
      ping: (ws, bytes) => void this.#mayReceive(ws, bytes),
      close: (ws, code) => this.#handleClose(ws, code),
    });
  }

  /** Hands one packed message to every viewer of the room. */
  publish(room: string, message: Uint8Array): void {
    const viewers = this.countIn(room);
    if (viewers === 0) return;
    this.#options.app.publish(room, message, true, false);
    this.#noteWriting();
    this.#options.metrics.deliveries.inc(viewers);
    this.#options.metrics.bytes.inc(viewers * message.byteLength);
  }

  /**
   * uWebSockets.js writes to all sockets at the end of this turn of the event loop. Immediates of this turn run
   * before that, so the second one is the first to come after it. Now and then: each costs a turn of its own.
   */
  #noteWriting(): void {
    const sinceMs = nowMs();
    if (sinceMs < this.#noteWritingAtMs) return;
    this.#noteWritingAtMs = sinceMs + NOTE_WRITING_EVERY_MS;
    setImmediate(() => setImmediate(() => this.#options.metrics.observeWritten((nowMs() - sinceMs) / 1000)));
  }

  get count(): number {
    let count = 0;
    for (const viewers of this.#rooms.values()) count += viewers.size;
    return count;
  }

  countIn(room: string): number {
    return this.#rooms.get(room)?.size ?? 0;
  }

  /** Nobody is told that these viewers go: a room that loses them one by one would look like one still watched. */
  closeRoom(room: string): void {
    const viewers = this.#rooms.get(room) ?? [];
    this.#rooms.delete(room);
    for (const ws of viewers) closeWith(ws, 'roomClosed');
  }

  /** This person was put out of the room and reads nothing more. */
  closeParticipant(room: string, identity: string): void {
    for (const ws of [...(this.#rooms.get(room) ?? []), ...this.#joining]) {
      const viewer = ws.getUserData();
      if (viewer.room === room && viewer.identity === identity) closeWith(ws, 'roomClosed');
    }
  }

  /**
   * Asks every viewer to reconnect, evenly spread over `withinMs` and rooms mixed, so that neither another gateway
   * nor one room meets a crowd. Resolves when all have gone, or the time is up.
   */
  async moveAll(withinMs: number): Promise<void> {
    const viewers = this.#everyone().map((ws) => ({ ws, order: Math.random() }));
    viewers.sort((a, b) => a.order - b.order);
    for (const [index, { ws }] of viewers.entries()) {
      const delayMs = Math.floor(((index + Math.random()) / viewers.length) * withinMs);
      ws.send(packToViewer({ type: 'move', delayMs }), true);
    }
    if (this.#isEmpty) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
  }

  get #isEmpty(): boolean {
    return this.#rooms.size === 0 && this.#joining.size === 0;
  }

  closeAll(): void {
    clearInterval(this.#sweeper);
    for (const ws of [...this.#joining, ...this.#everyone()]) closeWith(ws, 'goingAway');
  }

  #handleOpen(ws: ViewerWebSocket): void {
    const viewer = ws.getUserData();
    const { metrics, addresses } = this.#options;
    addresses.add(viewer.address);
    metrics.accepts.inc({ socket: 'captions' });
    metrics.connections.inc({ socket: 'captions' });
    if (viewer.dismissal !== null) {
      metrics.authFailures.inc({ reason: viewer.dismissal === 'roomClosed' ? 'over' : 'expired' });
      closeWith(ws, viewer.dismissal);
      return;
    }
    this.#joining.add(ws);
  }

  #handleMessage(ws: ViewerWebSocket, bytes: ArrayBuffer, isBinary: boolean): void {
    const viewer = ws.getUserData();
    if (bytes.byteLength > MAX_VIEWER_MESSAGE_BYTES) {
      closeWith(ws, 'tooLarge');
      return;
    }
    if (!this.#mayReceive(ws, bytes)) return;
    const message = isBinary ? messageFrom(bytes) : null;
    const hasJoined = viewer.state === 'catching-up' || viewer.state === 'following';
    if (message?.type === 'join' && viewer.state === 'joining') this.#join(ws, viewer, message);
    else if (message?.type === 'painted' && hasJoined) this.#options.metrics.observePainted(message, nowMs());
    else closeWith(ws, 'malformed');
  }

  #mayReceive(ws: ViewerWebSocket, { byteLength }: ArrayBuffer): boolean {
    const mayGoOn = spend(ws.getUserData().allowance, byteLength, nowMs());
    if (!mayGoOn) closeWith(ws, 'tooMany');
    return mayGoOn;
  }

  /** Answer and subscription happen in one go: no frame can fall between them. */
  #join(ws: ViewerWebSocket, viewer: Viewer, join: ViewerJoin): void {
    this.#joining.delete(ws);
    const viewers = this.#rooms.get(viewer.room) ?? new Set();
    this.#rooms.set(viewer.room, viewers);
    viewers.add(ws);
    viewer.state = 'waiting';
    viewer.sinceMs = nowMs();
    this.#options.onViewerCount(viewer.room, viewers.size);
    this.#hub?.join(viewer.room, join, (welcome) => this.#answer(ws, viewer, welcome));
  }

  #answer(ws: ViewerWebSocket, viewer: Viewer, welcome: Uint8Array): void {
    if (viewer.state !== 'waiting') return;
    viewer.state = 'catching-up';
    viewer.sinceMs = nowMs();
    ws.cork(() => {
      ws.send(welcome, true, false);
      ws.subscribe(viewer.room);
    });
  }

  #handleClose(ws: ViewerWebSocket, code: number): void {
    const viewer = ws.getUserData();
    const { metrics, addresses } = this.#options;
    viewer.state = 'closed';
    addresses.remove(viewer.address);
    metrics.connections.dec({ socket: 'captions' });
    metrics.observeClose('captions', code);
    this.#joining.delete(ws);
    const viewers = this.#rooms.get(viewer.room);
    if (viewers?.delete(ws)) {
      if (viewers.size === 0) this.#rooms.delete(viewer.room);
      this.#options.onViewerCount(viewer.room, viewers.size);
    }
    if (this.#isEmpty) this.#onEmpty?.();
  }

  /** Closes who did not join in time or reads too slowly. */
  #sweep(): void {
    const now = nowMs();
    for (const ws of [...this.#joining]) {
      if (now - ws.getUserData().sinceMs > JOIN_DEADLINE_MS) closeWith(ws, 'joinTimeout');
    }
    let buffered = 0;
    for (const ws of this.#everyone()) {
      const waiting = ws.getBufferedAmount();
      buffered += waiting;
      const viewer = ws.getUserData();
      if (viewer.state === 'waiting') {
        if (now - viewer.sinceMs > ANSWER_DEADLINE_MS) closeWith(ws, 'goingAway');
      } else if (waiting <= SLOW_BYTES) viewer.state = 'following';
      else if (viewer.state === 'following' || now - viewer.sinceMs > CATCH_UP_DEADLINE_MS) {
        this.#options.metrics.slowCloses.inc();
        closeWith(ws, 'tooSlow');
      }
    }
    this.#options.metrics.bufferedBytes.set(buffered);
  }

  #everyone(): ViewerWebSocket[] {
    return [...this.#rooms.values()].flatMap((viewers) => [...viewers]);
  }
}

function messageFrom(bytes: ArrayBuffer): FromViewer | null {
  try {
    return unpackFromViewer(new Uint8Array(bytes));
  } catch {
    return null;
  }
}
