/**
 * The server's side of LiveKit's worker protocol, as strict as the real one: the first message must be the
 * registration, bytes must parse, the key must be right. For what the real server cannot be made to do on
 * demand: fall silent, repeat an offer, drop a connection at a given moment.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Job, Room, ServerMessage, WorkerMessage } from '@livekit/protocol';
import { createVerifier } from 'fast-jwt';
import { type WebSocket, WebSocketServer } from 'ws';

type FromWorker = WorkerMessage['message'];

export interface StrictWorkerServer {
  readonly url: string;
  readonly workers: readonly WebSocket[];
  /** Resolves with the next message of this kind that was not yet awaited. */
  next<C extends FromWorker['case']>(kind: C): Promise<Extract<FromWorker, { case: C }>['value']>;
  offer(job: { id: string; room: string }): void;
  assign(job: { id: string; room: string }, token: string): void;
  close(): Promise<void>;
}

export async function startStrictWorkerServer(secret: string): Promise<StrictWorkerServer> {
  const verify = createVerifier({ key: secret, algorithms: ['HS256'] });
  const workers: WebSocket[] = [];
  const unread: FromWorker[] = [];
  const waiting: { kind: string | undefined; resolve: (value: never) => void }[] = [];
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true });

  http.on('upgrade', (request, stream, head) => {
    try {
      const grants = verify((request.headers.authorization ?? '').replace('Bearer ', ''));
      if (grants.video.agent !== true) throw new Error('grant missing');
    } catch {
      stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      let registered = false;
      socket.on('message', (bytes: Buffer) => {
        const { message } = WorkerMessage.fromBinary(bytes);
        if (!registered && message.case !== 'register') return socket.close(1002);
        registered = true;
        if (message.case === 'register') {
          workers.push(socket);
          send({ case: 'register', value: { workerId: `W_${workers.length}` } });
        }
        const waiter = waiting.findIndex((candidate) => candidate.kind === message.case);
        if (waiter === -1) unread.push(message);
        else waiting.splice(waiter, 1)[0]?.resolve(message.value as never);
      });
    });
  });

  const send = (message: unknown) =>
    workers.at(-1)?.send(new ServerMessage({ message: message as ServerMessage['message'] }).toBinary());
  const jobOf = ({ id, room }: { id: string; room: string }) =>
    new Job({ id, room: new Room({ name: room }) });

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    workers,
    next(kind) {
      const found = unread.findIndex((message) => message.case === kind);
      if (found !== -1) return Promise.resolve(unread.splice(found, 1)[0]?.value as never);
      return new Promise((resolve) => waiting.push({ kind, resolve }));
    },
    offer: (job) => send({ case: 'availability', value: { job: jobOf(job) } }),
    assign: (job, token) => send({ case: 'assignment', value: { job: jobOf(job), token } }),
    async close() {
      for (const worker of workers) worker.terminate();
      sockets.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
