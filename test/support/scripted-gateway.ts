/**
 * A caption stream under a test's control, over a real WebSocket in the real bytes: holds what it published as the
 * gateway does (see docs/protocol.md), and can be made to repeat, to skip, to hang up and to forget.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { CaptionLines } from '../../client-overlay/overlay/caption-lines.ts';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import {
  packToViewer,
  type ToViewer,
  unpackFromViewer,
  type ViewerJoin,
} from '../../protocol/viewer-message.ts';

export class ScriptedGateway {
  readonly joins: ViewerJoin[] = [];
  readonly #server: WebSocketServer;
  #refusing = false;
  #epoch = 1;
  #seq = 0;
  #held = new CaptionLines();
  #changedAt = new Map<number, number>();

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.options.verifyClient = () => !this.#refusing;
    server.on('connection', (peer) => {
      peer.once('message', (bytes: Buffer) => {
        const join = unpackFromViewer(bytes);
        if (join.type === 'join') this.#welcome(peer, join);
      });
    });
  }

  static async start(): Promise<ScriptedGateway> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new ScriptedGateway(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/captions`;
  }

  /** Keeps the events and sends them to every viewer in one frame. */
  publish(...events: readonly CaptionEvent[]): void {
    this.keep(...events);
    this.#send({ type: 'frame', epoch: this.#epoch, seq: this.#seq, times: null, events });
  }

  /** Keeps them as published, but no viewer gets the frame: a loss. */
  keep(...events: readonly CaptionEvent[]): void {
    this.#seq += 1;
    for (const event of events) {
      const change = this.#held.apply(event);
      if (change.type === 'needs-resume') throw new Error(`the script contradicts itself: ${change.reason}`);
      if ('utterance' in event) this.#changedAt.set(event.utterance, this.#seq);
    }
  }

  /** In a frame of its own, though it was sent before. */
  repeat(...events: readonly CaptionEvent[]): void {
    this.#seq += 1;
    this.#send({ type: 'frame', epoch: this.#epoch, seq: this.#seq, times: null, events });
  }

  heartbeat(): void {
    this.#send({ type: 'heartbeat', epoch: this.#epoch, seq: this.#seq, serverMs: Date.now() });
  }

  /** Cuts every connection without a word. `refuse`: and lets nobody in until {@link open}. */
  cut({ refuse = false } = {}): void {
    this.#refusing = refuse;
    for (const peer of this.#server.clients) peer.terminate();
  }

  open(): void {
    this.#refusing = false;
  }

  hangUp(code: number): void {
    for (const peer of this.#server.clients) peer.close(code);
  }

  /** As after a restart that found everything again: the same captions under another epoch. */
  restart(): void {
    this.#epoch += 1;
    this.#seq = 1;
    for (const id of this.#changedAt.keys()) this.#changedAt.set(id, 1);
    this.cut();
  }

  async close(): Promise<void> {
    this.cut({ refuse: true });
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #welcome(peer: WebSocket, join: ViewerJoin): void {
    this.joins.push(join);
    const since = join.epoch === this.#epoch ? join.seq : 0;
    const events: CaptionEvent[] = [];
    for (const { id: utterance, ...rest } of this.#held.utterances) {
      if ((this.#changedAt.get(utterance) ?? 0) > since)
        events.push({ type: 'restored', utterance, ...rest });
    }
    events.push(...this.#held.gaps);
    if (this.#held.status) events.push(this.#held.status);
    const position = { epoch: this.#epoch, seq: this.#seq };
    peer.send(packToViewer({ type: 'welcome', ...position, serverMs: Date.now(), recovered: true, events }));
  }

  #send(message: ToViewer): void {
    const bytes = packToViewer(message);
    for (const peer of this.#server.clients) peer.send(bytes);
  }
}
