/**
 * One stream of a moshi-server: a WebSocket from its upgrade to its end, which is told once. Owned by a lease;
 * connects nowhere else by itself.
 */
import { WebSocket } from 'ws';
import {
  type FromMoshi,
  type MarkerId,
  MOSHI_KEY_HEADER,
  MoshiPacker,
  NO_FREE_CHANNELS,
  unpackFromMoshi,
} from './moshi-message.ts';

/** From the attempt to `Ready`. */
const READY_DEADLINE_MS = 5_000;
/** The server pings after 10 s without a message of its own. */
const SILENCE_DEADLINE_MS = 25_000;
/** The server drops whoever sends no frame for 20 s, and proxies are often stricter. */
const PING_INTERVAL_MS = 8_000;
const MAX_MESSAGE_BYTES = 1_048_576;

/** `full`: all streams taken; `refused`: it does not know the key; `lost`: anything else. */
export type ConnectionEnd = 'full' | 'refused' | 'lost';

export interface MoshiConnectionOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly onReady: () => void;
  readonly onMessage: (message: FromMoshi) => void;
  /** Not called after {@link MoshiConnection.close}. */
  readonly onEnd: (end: ConnectionEnd) => void;
}

const packer = new MoshiPacker();

export class MoshiConnection {
  readonly #options: MoshiConnectionOptions;
  readonly #socket: WebSocket;
  readonly #ping: NodeJS.Timeout;
  #watchdog: NodeJS.Timeout | undefined;
  #state: 'connecting' | 'ready' | 'ended' = 'connecting';

  constructor(options: MoshiConnectionOptions) {
    this.#options = options;
    const socket = new WebSocket(options.url, {
      headers: { [MOSHI_KEY_HEADER]: options.apiKey },
      handshakeTimeout: READY_DEADLINE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.#expectSign(READY_DEADLINE_MS);
    this.#ping = setInterval(() => socket.readyState === WebSocket.OPEN && socket.ping(), PING_INTERVAL_MS);
    socket.on('ping', () => this.#state === 'ready' && this.#expectSign(SILENCE_DEADLINE_MS));
    socket.on('pong', () => this.#state === 'ready' && this.#expectSign(SILENCE_DEADLINE_MS));
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.#handleBytes(data as Buffer);
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      this.#end(response.statusCode === 401 || response.statusCode === 403 ? 'refused' : 'lost');
    });
    // 'close' follows and handles it; without a listener it would end the process.
    socket.on('error', () => {});
    socket.on('close', () => this.#end('lost'));
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Written and not yet taken by the network. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  sendAudio(samples: Int16Array): void {
    if (this.#state === 'ready') this.#socket.send(packer.audio(samples));
  }

  sendMarker(id: MarkerId): void {
    if (this.#state === 'ready') this.#socket.send(packer.marker(id));
  }

  /** The server throws away what it has not taken yet. Idempotent. */
  close(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearTimeout(this.#watchdog);
    clearInterval(this.#ping);
    this.#socket.close();
    // A server that does not answer must not keep the socket.
    setTimeout(() => this.#socket.terminate(), 1_000).unref();
  }

  #handleBytes(bytes: Buffer): void {
    if (this.#state === 'ended') return;
    let message: FromMoshi | null;
    try {
      message = unpackFromMoshi(bytes);
    } catch {
      this.#end('lost');
      return;
    }
    this.#expectSign(SILENCE_DEADLINE_MS);
    if (message === null) return;
    if (message.type === 'Error') this.#end(message.message === NO_FREE_CHANNELS ? 'full' : 'lost');
    else if (message.type !== 'Ready') this.#options.onMessage(message);
    else if (this.#state === 'connecting') {
      this.#state = 'ready';
      this.#options.onReady();
    }
  }

  #expectSign(withinMs: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#end('lost'), withinMs);
  }

  #end(end: ConnectionEnd): void {
    if (this.#state === 'ended') return;
    this.close();
    this.#options.onEnd(end);
  }
}
