/** `ws` with JSON, as most would write it: each update made into text once and sent to every viewer of its room. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { unpackStep } from './feed.ts';

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 1_048_576 });
const rooms = new Map<number, Set<WebSocket>>();

sockets.on('connection', (socket, request) => {
  const [, kind, room] = (request.url ?? '').split('/');
  if (kind === 'feed') {
    socket.on('message', (message: Buffer) => {
      const step = unpackStep(message);
      for (const update of step.updates) {
        const text = JSON.stringify({ type: 'appended', ...update });
        for (const viewer of rooms.get(step.room) ?? []) viewer.send(text);
      }
    });
    return;
  }
  const viewers = rooms.get(Number(room)) ?? new Set();
  rooms.set(Number(room), viewers);
  viewers.add(socket);
  socket.on('close', () => viewers.delete(socket));
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
