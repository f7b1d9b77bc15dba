/**
 * A TCP proxy that does to connections what networks do: cuts them, stands still, delays, lets bytes trickle, or
 * sends the next connection elsewhere. Between a client and a server on loopback; nothing of what passes is read.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Of one direction of one connection. */
interface Flow {
  readonly from: Socket;
  readonly to: Socket;
  waiting: Buffer[];
  timer: NodeJS.Timeout | undefined;
}

export type Passage =
  | { readonly mode: 'open' }
  /** Nothing passes; connections stay. */
  | { readonly mode: 'paused' }
  | { readonly mode: 'delayed'; readonly delayMs: number }
  /** A few bytes at a time. */
  | { readonly mode: 'trickling'; readonly bytes: number; readonly everyMs: number };

const OPEN: Passage = { mode: 'open' };

export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #target: () => number | null;
  readonly #flows = new Set<Flow>();
  #passage: Passage = OPEN;

  private constructor(server: Server, target: () => number | null) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#accept(client));
  }

  /** `target`: the port that a new connection is to reach; null refuses it. */
  static async start(target: () => number | null): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpProxy(server, target);
  }

  /** From now on, for connections there are and those to come. */
  set(passage: Passage): void {
    this.#passage = passage;
    for (const flow of this.#flows) {
      clearTimeout(flow.timer);
      flow.timer = undefined;
      this.#drain(flow);
    }
  }

  /** Resets every connection. */
  cut(): void {
    for (const { from } of [...this.#flows]) from.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const { from, to } of [...this.#flows]) {
      from.destroy();
      to.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const port = this.#target();
    if (port === null) {
      client.destroy();
      return;
    }
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    client.setNoDelay(true);
    this.#pipe(client, server);
    this.#pipe(server, client);
  }

  #pipe(from: Socket, to: Socket): void {
    const flow: Flow = { from, to, waiting: [], timer: undefined };
    this.#flows.add(flow);
    from.on('data', (bytes) => {
      flow.waiting.push(bytes);
      if (this.#passage.mode === 'paused' || flow.waiting.length > 1) from.pause();
      if (flow.timer === undefined) this.#drain(flow);
    });
    from.on('error', () => {}); // the close that follows is what counts
    from.on('close', () => {
      clearTimeout(flow.timer);
      this.#flows.delete(flow);
      to.resetAndDestroy();
    });
  }

  #drain(flow: Flow): void {
    switch (this.#passage.mode) {
      case 'paused':
        return;
      case 'open':
        this.#write(flow, Buffer.concat(flow.waiting));
        flow.waiting = [];
        return;
      case 'delayed':
        flow.timer = setTimeout(() => {
          flow.timer = undefined;
          this.#write(flow, Buffer.concat(flow.waiting));
          flow.waiting = [];
        }, this.#passage.delayMs);
        return;
      case 'trickling': {
        const all = Buffer.concat(flow.waiting);
        const { bytes, everyMs } = this.#passage;
        flow.waiting = all.length > bytes ? [all.subarray(bytes)] : [];
        this.#write(flow, all.subarray(0, bytes));
        if (flow.waiting.length === 0) return;
        flow.timer = setTimeout(() => {
          flow.timer = undefined;
          this.#drain(flow);
        }, everyMs);
      }
    }
  }

  #write({ from, to }: Flow, bytes: Buffer): void {
    if (bytes.length > 0 && to.writable) to.write(bytes);
    if (from.isPaused()) from.resume();
  }
}
