/**
 * The gateway's side of the uplink, as strict as the contract: hello first, consecutive numbers or a noticed
 * hole, acknowledgements of what it holds. Records everything; can be restarted empty or with its memory.
 */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVerifier } from 'fast-jwt';
import { type WebSocket, WebSocketServer } from 'ws';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { UPLINK_AUDIENCE, UPLINK_PATH, UPLINK_SUBPROTOCOL } from '../../protocol/connection.ts';
import { packToAgent, type UplinkFrame, unpackFromAgent } from '../../protocol/uplink-message.ts';

export class UplinkReceiver {
  readonly frames: UplinkFrame[] = [];
  readonly duplicates: UplinkFrame[] = [];
  readonly holes: UplinkFrame[] = [];
  readonly left: string[] = [];
  readonly hellos: string[] = [];
  /** While false, frames are held but not acknowledged. */
  acknowledge = true;
  readonly #secret: string;
  #server: WebSocketServer | null = null;
  #held = new Map<string, number>();
  #port = 0;
  #waiting: { until: () => boolean; resolve: () => void }[] = [];

  constructor(secret: string) {
    this.#secret = secret;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  get events(): CaptionEvent[] {
    return this.frames.flatMap((frame) => frame.events);
  }

  /** Same port after a restart. */
  async start(): Promise<this> {
    const verify = createVerifier({
      key: this.#secret,
      allowedAud: UPLINK_AUDIENCE,
      requiredClaims: ['exp'],
    });
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: this.#port,
      path: UPLINK_PATH,
      handleProtocols: (offered) => (offered.has(UPLINK_SUBPROTOCOL) ? UPLINK_SUBPROTOCOL : false),
      verifyClient: ({ req }: { req: IncomingMessage }) => {
        try {
          return Boolean(verify((req.headers.authorization ?? '').replace('Bearer ', '')));
        } catch {
          return false;
        }
      },
    });
    server.on('connection', (socket) => {
      socket.on('message', (bytes: Buffer) => this.#handle(socket, bytes));
    });
    await new Promise<void>((resolve) => server.once('listening', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    return this;
  }

  /** `forget`: as a gateway does that restarts without a memory of what it held. */
  async stop({ forget = false } = {}): Promise<void> {
    if (forget) this.#held = new Map();
    for (const socket of this.#server?.clients ?? []) socket.terminate();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  /** Reads nothing more until `resume`: the sender's buffers fill up. */
  pause(): void {
    for (const socket of this.#server?.clients ?? []) socket.pause();
  }

  resume(): void {
    for (const socket of this.#server?.clients ?? []) socket.resume();
  }

  /** Resolves as soon as `condition` holds, which is looked at after each message. */
  until(condition: (receiver: UplinkReceiver) => boolean): Promise<void> {
    if (condition(this)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until: () => condition(this), resolve }));
  }

  #handle(socket: WebSocket, bytes: Buffer): void {
    const message = unpackFromAgent(bytes);
    if (message.type === 'hello') {
      this.hellos.push(message.sessionId);
      socket.send(packToAgent({ type: 'welcome', held: [...this.#held] }));
    } else if (message.type === 'left') this.left.push(message.room);
    else if (message.type === 'frame') this.#take(socket, message);
    for (const waiting of this.#waiting.filter(({ until }) => until())) {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      waiting.resolve();
    }
  }

  #take(socket: WebSocket, frame: UplinkFrame): void {
    const held = this.#held.get(frame.room);
    if (held !== undefined && frame.number <= held) this.duplicates.push(frame);
    else {
      if (held !== undefined && frame.number !== held + 1) this.holes.push(frame);
      this.#held.set(frame.room, frame.number);
      this.frames.push(frame);
    }
    if (this.acknowledge) {
      socket.send(packToAgent({ type: 'ack', room: frame.room, number: this.#held.get(frame.room) ?? 0 }));
    }
  }
}
