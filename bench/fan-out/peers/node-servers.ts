/** Peers that are servers for Node: each in its own process, fed over one WebSocket. */
import { readFileSync } from 'node:fs';
import { startServer } from '../child-server.ts';
import type { Peer, RunningPeer, ViewerGroup } from '../peer.ts';
import { openFeed } from '../servers/feed.ts';
import { clientFrame, upgradeRequest } from '../viewer-frames.ts';

const NOTHING = Buffer.alloc(0);

export const rawUws: Peer = {
  name: 'raw uWebSockets.js',
  version: versionOf('uWebSockets.js'),
  configuration: 'publish per update, no compression, 64 KiB of backpressure',
  start: (rooms) =>
    started('raw-uws-server', rooms, (room) => ({
      request: upgradeRequest(`/viewer/${room}`),
      hello: NOTHING,
    })),
};

export const wsJson: Peer = {
  name: 'ws + JSON',
  version: versionOf('ws'),
  configuration: 'no compression, one stringify per update',
  start: (rooms) =>
    started('ws-json-server', rooms, (room) => ({
      request: upgradeRequest(`/viewer/${room}`),
      hello: NOTHING,
    })),
};

export const socketIo: Peer = {
  name: 'Socket.IO',
  version: versionOf('socket.io'),
  configuration: 'WebSocket only, no compression, an emit per update to a room',
  start: (rooms) =>
    started('socket-io-server', rooms, (room) => ({
      request: upgradeRequest(`/socket.io/?EIO=4&transport=websocket&room=${room}`),
      // "connect to the default namespace"
      hello: clientFrame('text', '40'),
    })),
};

async function started(
  program: string,
  rooms: number,
  group: (room: number) => ViewerGroup,
): Promise<RunningPeer> {
  const server = await startServer([process.execPath, `dist/bench/fan-out/servers/${program}.js`]);
  const feed = await openFeed(server.port);
  return {
    pid: server.pid,
    port: server.port,
    groups: Array.from({ length: rooms }, (_, room) => group(room)),
    publish: (room, updates) => feed.publish(room, updates),
    close: async () => {
      feed.close();
      await server.close();
    },
  };
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string })
    .version;
}
