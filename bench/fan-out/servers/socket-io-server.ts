/** Socket.IO over WebSocket only, rooms of its own, an event per update. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import { unpackStep } from './feed.ts';

const server = createServer();
// Longer than a run: the load client answers no pings of its own protocol.
const io = new Server(server, {
  transports: ['websocket'],
  pingInterval: 300_000,
  perMessageDeflate: false,
  serveClient: false,
});
io.on('connection', (socket) => {
  void socket.join(String(socket.handshake.query.room));
});
const feed = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1_048_576 });
feed.on('connection', (socket) => {
  socket.on('message', (message: Buffer) => {
    const { room, updates } = unpackStep(message);
    for (const update of updates) io.to(String(room)).emit('appended', update);
  });
});
server.on('upgrade', (request, socket, head) => {
  if (request.url !== '/feed') return;
  feed.handleUpgrade(request, socket, head, (webSocket) => feed.emit('connection', webSocket, request));
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});
