/**
 * A client's WebSocket: messages in their order, one after the other, no faster than the engine takes them; answers
 * no faster than the client reads them. Liveness as moshi-server has it.
 */
import decode, { type StreamDecoder } from 'audio-decode';
import type { WebSocket } from 'ws';
import { nowMs } from '../../runtime/clock.ts';
import {
  type FromMoshi,
  MOSHI_RATE_HZ,
  MoshiPacker,
  type ToMoshi,
  unpackToMoshi,
} from '../speech/moshi/moshi-message.ts';
import type { SpeechEngine, StreamLanguage } from '../speech/speech-engine.ts';
import { ClientStream } from './client-stream.ts';

const PING_INTERVAL_MS = 10_000;
/** Without any frame, a pong at the least. */
const SILENCE_DEADLINE_MS = 20_000;
/** Without a message of the protocol. */
const IDLE_DEADLINE_MS = 120_000;
/** Messages that may wait; beyond, the client's network has to. */
const MAX_WAITING = 16;
/** Answers that may wait for a client to read them; full policy: close it. */
const MAX_UNREAD_BYTES = 1_048_576;

export interface ClientSocketOptions {
  readonly socket: WebSocket;
  readonly engine: SpeechEngine;
  readonly language: StreamLanguage;
  /** The client did not read what it was sent. */
  readonly onTooSlow: () => void;
}

const packer = new MoshiPacker();

export class ClientSocket {
  readonly #options: ClientSocketOptions;
  readonly #socket: WebSocket;
  readonly #inbox: ToMoshi[] = [];
  readonly #check: NodeJS.Timeout;
  #stream: ClientStream;
  #opus: StreamDecoder | null = null;
  #working = false;
  #closed = false;
  #lastFrameMs = nowMs();
  #lastMessageMs = nowMs();

  /** Fails with `engine-full`. */
  constructor(options: ClientSocketOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#stream = this.#openStream();
    this.#socket.on('message', (data, isBinary) => this.#handleFrame(data as Buffer, isBinary));
    for (const frame of ['ping', 'pong'] as const) {
      this.#socket.on(frame, () => {
        this.#lastFrameMs = nowMs();
      });
    }
    // 'close' follows and handles it; without a listener it would end the process.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#close());
    this.#check = setInterval(() => this.#checkLiveness(), PING_INTERVAL_MS / 2);
    this.#send({ type: 'Ready' });
  }

  #openStream(): ClientStream {
    const { engine, language } = this.#options;
    return new ClientStream({ engine, language, send: (message) => this.#send(message) });
  }

  #handleFrame(bytes: Buffer, isBinary: boolean): void {
    this.#lastFrameMs = nowMs();
    if (!isBinary || this.#closed) return;
    this.#lastMessageMs = this.#lastFrameMs;
    try {
      this.#inbox.push(unpackToMoshi(bytes));
    } catch (error) {
      this.#refuse(`malformed message: ${error instanceof Error ? error.message : 'unreadable'}`);
      return;
    }
    if (this.#inbox.length > MAX_WAITING) this.#socket.pause();
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    while (!this.#closed) {
      const message = this.#inbox.shift();
      if (message === undefined) break;
      await this.#stream.untilKeepingUp();
      await this.#handle(message).catch(() => this.#refuse('the audio cannot be decoded'));
    }
    this.#working = false;
    if (this.#socket.isPaused) this.#socket.resume();
  }

  async #handle(message: ToMoshi): Promise<void> {
    switch (message.type) {
      case 'Init':
        this.#restart();
        return;
      case 'Marker':
        this.#stream.mark(message.id);
        return;
      case 'Audio':
        await this.#stream.hear(message.pcm, MOSHI_RATE_HZ);
        return;
      case 'OggOpus': {
        this.#opus ??= await decode.opus();
        const { channelData, sampleRate } = await this.#opus(message.data);
        const [samples] = channelData;
        if (samples && samples.length > 0) await this.#stream.hear(samples, sampleRate);
      }
    }
  }

  #restart(): void {
    this.#stream.close();
    this.#opus?.free();
    this.#opus = null;
    this.#stream = this.#openStream();
    this.#send({ type: 'Ready' });
  }

  #send(message: FromMoshi): void {
    if (this.#closed) return;
    this.#socket.send(packer.fromMoshi(message));
    if (this.#socket.bufferedAmount <= MAX_UNREAD_BYTES) return;
    this.#options.onTooSlow();
    this.#socket.terminate();
  }

  #refuse(message: string): void {
    this.#send({ type: 'Error', message });
    this.#socket.close(1007);
    this.#close();
  }

  #checkLiveness(): void {
    const now = nowMs();
    // Paused, the client's frames wait unread: it is we who are late.
    if (this.#socket.isPaused) this.#lastFrameMs = now;
    if (now - this.#lastFrameMs > SILENCE_DEADLINE_MS || now - this.#lastMessageMs > IDLE_DEADLINE_MS) {
      this.#socket.terminate();
      return;
    }
    this.#socket.ping();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#check);
    this.#inbox.length = 0;
    this.#stream.close();
    this.#opus?.free();
    this.#opus = null;
  }
}
