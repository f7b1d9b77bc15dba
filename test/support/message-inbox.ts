/** What a WebSocket has received, to be awaited without sleeping. */
import type { WebSocket } from 'ws';

export class MessageInbox<Message> {
  readonly all: Message[] = [];
  /** Close code, once closed. */
  readonly closed: Promise<number>;
  readonly #waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  constructor(socket: WebSocket, unpack: (bytes: Uint8Array) => Message) {
    socket.on('message', (bytes: Buffer) => {
      this.all.push(unpack(bytes));
      for (const waiting of [...this.#waiting]) {
        if (!waiting.isMet()) continue;
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        waiting.resolve();
      }
    });
    this.closed = new Promise((resolve) => socket.on('close', resolve));
  }

  /** Resolves as soon as the messages so far fulfil `condition`. */
  until(condition: (all: readonly Message[]) => boolean): Promise<void> {
    if (condition(this.all)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet: () => condition(this.all), resolve }));
  }
}
