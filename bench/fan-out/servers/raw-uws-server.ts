/** uWebSockets.js with nothing on top: no token, no sequence, no history. What the gateway's extras are held against. */

import type * as uWS from 'uWebSockets.js';
import { createRequire } from 'node:module';
import { packUpdate, unpackStep } from './feed.ts';

const { App, us_socket_local_port } = createRequire(import.meta.url)('uWebSockets.js') as typeof uWS;
interface Viewer {
  readonly room: string;
}

const app = App();
app.ws<Viewer>('/viewer/:room', {
  compression: 0,
  idleTimeout: 120,
  maxBackpressure: 65_536,
  closeOnBackpressureLimit: true,
  upgrade(response, request, context) {
    response.upgrade(
      { room: request.getParameter(0) ?? '' },
      request.getHeader('sec-websocket-key'),
      request.getHeader('sec-websocket-protocol'),
      request.getHeader('sec-websocket-extensions'),
      context,
    );
  },
  open(socket) {
    socket.subscribe(socket.getUserData().room);
  },
});
app.ws('/feed', {
  compression: 0,
  maxPayloadLength: 1_048_576,
  message(_socket, message) {
    const { room, updates } = unpackStep(new Uint8Array(message));
    for (const update of updates) app.publish(String(room), packUpdate(update), true);
  },
});
app.listen('127.0.0.1', 0, (socket) => {
  if (!socket) throw new Error('no port');
  console.log(JSON.stringify({ port: us_socket_local_port(socket) }));
});
