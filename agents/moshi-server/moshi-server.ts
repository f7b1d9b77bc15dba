/**
 * The engine of this process under moshi-server's protocol, so that its clients need nothing but another address:
 * `/api/asr-streaming` by WebSocket and by POST, `/api/modules_info`, `/api/build_info`.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { SurtitreError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import {
  MOSHI_KEY_HEADER,
  MOSHI_PATH,
  MoshiPacker,
  NO_FREE_CHANNELS,
} from '../speech/moshi/moshi-message.ts';
import { isStreamLanguage, type SpeechEngine, type StreamLanguage } from '../speech/speech-engine.ts';
import { ApiKeys } from './api-keys.ts';
import { ClientSocket } from './client-socket.ts';
import { answerFile, answerJson } from './file-request.ts';

/** Ten seconds of audio as doubles. */
const MAX_MESSAGE_BYTES = 2_097_152;
/** A file waits for a stream as long as there. */
const FILE_RETRY_MS = 100;
const FILE_RETRIES = 1_000;

export interface MoshiServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly keys: readonly string[];
  /** Streams at the same time, sockets and files together. */
  readonly maxStreams: number;
  /** For clients that do not ask for another one by `?language=`. */
  readonly language: StreamLanguage;
  readonly engine: SpeechEngine;
  readonly log: Logger;
}

export interface MoshiServerStats {
  readonly streams: number;
  /** Clients that found all streams taken. */
  readonly full: number;
  readonly refusedKeys: number;
  /** Clients that were closed because they did not read. */
  readonly tooSlow: number;
}

const packer = new MoshiPacker();

export class MoshiServer {
  readonly #options: MoshiServerOptions;
  readonly #keys: ApiKeys;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  #streams = 0;
  #full = 0;
  #refusedKeys = 0;
  #tooSlow = 0;

  private constructor(options: MoshiServerOptions) {
    this.#options = options;
    this.#keys = new ApiKeys(options.keys);
    this.#http = createServer((request, response) => this.#handleRequest(request, response));
    this.#http.on('upgrade', (request, stream, head) => this.#handleUpgrade(request, stream, head));
  }

  /** Fails with `moshi-port-taken`. */
  static async listen(options: MoshiServerOptions): Promise<MoshiServer> {
    const server = new MoshiServer(options);
    const { port, host } = options;
    await new Promise<void>((resolve, reject) => {
      server.#http.once('error', (cause) => {
        const fault = `Port ${port} is taken. Set SURTITRE_MOSHI_PORT to another one, or to 0 for any.`;
        reject(new SurtitreError('moshi-port-taken', fault, { cause }));
      });
      server.#http.listen(port, host, resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  stats(): MoshiServerStats {
    return {
      streams: this.#streams,
      full: this.#full,
      refusedKeys: this.#refusedKeys,
      tooSlow: this.#tooSlow,
    };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.close(1001);
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  #handleRequest(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = addressOf(request);
    if (pathname === MOSHI_PATH && request.method === 'POST') {
      void this.#handleFile(request, response, this.#languageOf(searchParams));
    } else if (pathname === '/api/modules_info' && request.method === 'GET') {
      answerJson(response, 200, [this.#moduleInfo()]);
    } else if (pathname === '/api/build_info' && request.method === 'GET') {
      answerJson(response, 200, BUILD_INFO);
    } else {
      answerJson(response, pathname === MOSHI_PATH ? 426 : 404, { error: 'there is nothing here' });
    }
  }

  async #handleFile(request: IncomingMessage, response: ServerResponse, language: StreamLanguage) {
    // As there: only sockets may bring their key in the address.
    if (!this.#keys.has(header(request))) {
      this.#refusedKeys += 1;
      answerJson(response, 401, { error: `${MOSHI_KEY_HEADER} is missing or wrong` });
      return;
    }
    if (!(await this.#takeStreamFor(response))) {
      if (!response.destroyed) answerJson(response, 503, { error: NO_FREE_CHANNELS });
      return;
    }
    try {
      await answerFile(request, response, this.#options.engine, language);
    } catch (error) {
      this.#options.log.error({ err: error }, 'a file of a moshi client failed');
      response.destroy();
    } finally {
      this.#streams -= 1;
    }
  }

  /** Whether a stream came free while the client waited. */
  async #takeStreamFor(response: ServerResponse): Promise<boolean> {
    for (let i = 0; i < FILE_RETRIES && !response.destroyed; i++) {
      if (this.#takeStream()) return true;
      if (i === 0) this.#full += 1;
      await delay(FILE_RETRY_MS);
    }
    return false;
  }

  #takeStream(): boolean {
    if (this.#streams >= this.#options.maxStreams) return false;
    this.#streams += 1;
    return true;
  }

  #handleUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const { pathname, searchParams } = addressOf(request);
    if (pathname !== MOSHI_PATH) {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    if (!this.#keys.has(header(request) ?? searchParams.get('auth_id') ?? undefined)) {
      this.#refusedKeys += 1;
      stream.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      this.#welcome(socket, this.#languageOf(searchParams));
    });
  }

  #welcome(socket: WebSocket, language: StreamLanguage): void {
    if (!this.#takeStream()) {
      this.#refuse(socket);
      return;
    }
    socket.once('close', () => {
      this.#streams -= 1;
    });
    try {
      const { engine } = this.#options;
      const onTooSlow = () => {
        this.#tooSlow += 1;
      };
      new ClientSocket({ socket, engine, language, onTooSlow });
    } catch (error) {
      if (!(error instanceof SurtitreError)) throw error;
      this.#refuse(socket);
    }
  }

  /** As there: after the upgrade, as a message. */
  #refuse(socket: WebSocket): void {
    this.#full += 1;
    socket.on('error', () => {});
    socket.send(packer.fromMoshi({ type: 'Error', message: NO_FREE_CHANNELS }));
    socket.close();
  }

  #languageOf(query: URLSearchParams): StreamLanguage {
    const asked = query.get('language');
    return isStreamLanguage(asked) ? asked : this.#options.language;
  }

  /** Every value is a string, as there. */
  #moduleInfo(): Record<string, string> {
    const { engine, maxStreams } = this.#options;
    return {
      type: 'batched_asr',
      path: MOSHI_PATH,
      lm: engine.name,
      audio_tokenizer: engine.name,
      used_slots: String(this.#streams),
      total_slots: String(maxStreams),
    };
  }
}

/** The fields that clients know; what a build of ours does not record is empty. */
const BUILD_INFO = {
  build_timestamp: '',
  build_date: '',
  git_branch: '',
  git_timestamp: '',
  git_date: '',
  git_hash: '',
  git_describe: 'surtitre 0.1.0',
  rustc_host_triple: '',
  rustc_version: '',
  cargo_target_triple: '',
} as const;

function addressOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://localhost');
}

function header(request: IncomingMessage): string | undefined {
  const value = request.headers[MOSHI_KEY_HEADER];
  return Array.isArray(value) ? value[0] : value;
}
