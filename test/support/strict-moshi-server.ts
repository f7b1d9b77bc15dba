/**
 * moshi-server's streaming recognition as its protocol is described, with its known faults, and a model that hears
 * *bursts*: a square wave of amplitude n/50 is the n-th word of a list. Strict: a message that is not byte for byte
 * one of its own ends the connection, and is kept as a violation.
 *
 * The faults: a full server says so only after the upgrade; one inbound message a stream and iteration; markers
 * are due by the steps of the whole batch, so that with other streams they come too early; what was not taken is
 * lost with its socket; step numbers count the whole batch.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FromMoshi, MoshiPacker, unpackToMoshi } from '../../agents/speech/moshi/moshi-message.ts';

export const BURST_WORDS = [
  '',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
];
const FRAME = 1_920;
/** `82 "type" "Audio" "pcm" array of 1920`. */
const AUDIO_HEADER = Buffer.from('82a474797065a5417564696fa370636ddc0780', 'hex');
const packer = new MoshiPacker();

export interface StrictMoshiOptions {
  readonly slots: number;
  readonly delayFrames: number;
  readonly keys: readonly string[];
  /** With the heads for pauses, and so with `Step` messages. */
  readonly steps: boolean;
}

/** What one connection did. */
class Slot {
  readonly socket: WebSocket;
  readonly inbox: Buffer[] = [];
  frames = 0;
  #loud: number[] = [];
  #level = 0;
  #lastStop = 0;
  #unended = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  send(message: FromMoshi): void {
    this.socket.send(packer.fromMoshi(message));
  }

  /** One step of the model: the decision about the frame of `delay` steps ago. */
  step(peak: number, delayFrames: number): void {
    this.frames += 1;
    this.#loud.push(peak);
    const at = this.frames - delayFrames;
    if (at < 1) return;
    const level = Math.round(50 * (this.#loud[at - 1] ?? 0));
    if (level === this.#level) return;
    if (this.#level > 0) {
      this.send({ type: 'Word', text: BURST_WORDS[this.#level] ?? '?', startTime: this.#lastStop });
      this.#unended = true;
    }
    if (level > 0) {
      const stopTime = (at - 1) / 12.5;
      if (this.#unended) this.send({ type: 'EndWord', stopTime });
      this.#unended = false;
      this.#lastStop = stopTime;
    }
    this.#level = level;
  }
}

interface DueMarker {
  readonly slot: Slot;
  readonly id: number | bigint;
  readonly step: number;
}

export class StrictMoshiServer {
  readonly violations: string[] = [];
  /** Headers' keys and request addresses of all connections. */
  readonly logins: { readonly key: string | undefined; readonly url: string | undefined }[] = [];
  /** Bytes of every inbound message. */
  readonly received: Buffer[] = [];
  /** Streams of others keep the batch stepping. */
  othersSpeak = false;
  frozen = false;
  readonly #options: StrictMoshiOptions;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #slots = new Set<Slot>();
  readonly #timer: NodeJS.Timeout;
  /** Streams taken by somebody else. */
  #taken = 0;
  #steps = 0;
  #markers: DueMarker[] = [];

  private constructor(options: StrictMoshiOptions) {
    this.#options = options;
    this.#http = createServer((request, response) => {
      if (request.url !== '/api/modules_info') return void response.writeHead(404).end();
      const used = String(this.#slots.size + this.#taken);
      const total = String(options.slots);
      const module = {
        type: 'batched_asr',
        path: '/api/asr-streaming',
        used_slots: used,
        total_slots: total,
      };
      response.end(JSON.stringify([module]));
    });
    this.#http.on('upgrade', (request, stream, head) => {
      const key = request.headers['kyutai-api-key'];
      this.logins.push({ key: String(key), url: request.url });
      if (!options.keys.includes(String(key))) return stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      this.#sockets.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket));
    });
    this.#timer = setInterval(() => this.#iterate(), 1);
  }

  static async start(options: Partial<StrictMoshiOptions> = {}): Promise<StrictMoshiServer> {
    const defaults = { slots: 4, delayFrames: 6, keys: ['public_token'], steps: true };
    const server = new StrictMoshiServer({ ...defaults, ...options });
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#slots.size;
  }

  /** Others take, or give back, all streams that are left. */
  fill(): void {
    this.#taken = this.#options.slots;
  }

  empty(): void {
    this.#taken = 0;
  }

  /** Cuts every connection: what they had not taken is lost. */
  cut(): void {
    for (const slot of this.#slots) slot.socket.terminate();
  }

  /** Messages that wait in the inboxes. */
  get waiting(): number {
    let count = 0;
    for (const slot of this.#slots) count += slot.inbox.length;
    return count;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.cut();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #welcome(socket: WebSocket): void {
    if (this.#slots.size + this.#taken >= this.#options.slots) {
      socket.send(packer.fromMoshi({ type: 'Error', message: 'no free channels' }));
      socket.close();
      return;
    }
    const slot = new Slot(socket);
    this.#slots.add(slot);
    slot.send({ type: 'Ready' });
    socket.on('error', () => {});
    socket.on('close', () => this.#slots.delete(slot));
    socket.on('message', (bytes: Buffer, isBinary) => {
      if (!isBinary) return;
      this.received.push(bytes);
      slot.inbox.push(bytes);
    });
  }

  #iterate(): void {
    if (this.frozen) return;
    let stepped = this.othersSpeak;
    for (const slot of this.#slots) {
      const bytes = slot.inbox.shift();
      if (bytes && this.#take(slot, bytes)) stepped = true;
    }
    if (!stepped) return;
    this.#steps += 1;
    const due = this.#markers.filter(({ step }) => step <= this.#steps);
    this.#markers = this.#markers.filter(({ step }) => step > this.#steps);
    for (const { slot, id } of due) slot.send({ type: 'Marker', id });
  }

  /** Whether the slot made a step. */
  #take(slot: Slot, bytes: Buffer): boolean {
    try {
      const message = unpackToMoshi(bytes);
      if (message.type === 'Marker') {
        this.#markers.push({ slot, id: message.id, step: this.#steps + this.#options.delayFrames });
        return false;
      }
      const isExact = bytes.length === AUDIO_HEADER.length + 5 * FRAME;
      if (message.type !== 'Audio' || !isExact || !bytes.subarray(0, 19).equals(AUDIO_HEADER)) {
        throw new Error(`${message.type} of ${bytes.length} bytes`);
      }
      if (this.#options.steps) {
        const step = { stepIdx: this.#steps + 1, prs: [0, 0, 0, 0], bufferedPcm: 0 };
        slot.send({ type: 'Step', ...step });
      }
      let peak = 0;
      for (const sample of message.pcm) peak = Math.max(peak, Math.abs(sample));
      slot.step(peak, this.#options.delayFrames);
      return true;
    } catch (error) {
      this.violations.push(String(error));
      slot.socket.terminate();
      return false;
    }
  }
}
