/** The gateway with everything on: tokens, sequence, history, slow-viewer rule, metrics, idempotent uplink. */
import { randomUUID } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import { WebSocket } from 'ws';
import type { CaptionEvent } from '../../../protocol/caption-event.ts';
import {
  CAPTIONS_AUDIENCE,
  TOKEN_SUBPROTOCOL_PREFIX,
  UPLINK_AUDIENCE,
  UPLINK_PATH,
  UPLINK_SUBPROTOCOL,
  VIEWER_PATH,
  VIEWER_SUBPROTOCOL,
} from '../../../protocol/connection.ts';
import { packFromAgent } from '../../../protocol/uplink-message.ts';
import { packFromViewer } from '../../../protocol/viewer-message.ts';
import { startServer } from '../child-server.ts';
import type { Peer, RunningPeer, Update } from '../peer.ts';
import { clientFrame, upgradeRequest } from '../viewer-frames.ts';

const SECRET = 'a-secret-for-benches-of-more-than-32-characters';
export const OPERATOR_TOKEN = 'an-operator-token-for-benches-of-32-characters';
export const KEYS = {
  LIVEKIT_API_KEY: 'APIbench',
  LIVEKIT_API_SECRET: SECRET,
  SURTITRE_OPERATOR_TOKEN: OPERATOR_TOKEN,
};
const sign = createSigner<Record<string, unknown>>({ key: SECRET, algorithm: 'HS256' });
const inTwoHours = () => Math.floor(Date.now() / 1000) + 7_200;

export const surtitre: Peer = {
  name: 'surtitre',
  version: 'this checkout',
  configuration: 'everything on',
  start: (rooms) => startGatewayPeer(rooms, []),
};

export const surtitreWithoutMetrics: Peer = {
  name: 'surtitre without metrics',
  version: 'this checkout',
  configuration: 'counters, gauges and histograms do nothing',
  start: (rooms) => startGatewayPeer(rooms, ['--without-metrics']),
};

export const roomName = (room: number): string => `bench-room-${room}`;

export const captionsToken = (room: string): string =>
  sign({ aud: CAPTIONS_AUDIENCE, sub: 'viewer', room, exp: inTwoHours() });

function viewerGroup(room: string) {
  return {
    request: upgradeRequest(VIEWER_PATH, [
      VIEWER_SUBPROTOCOL,
      TOKEN_SUBPROTOCOL_PREFIX + captionsToken(room),
    ]),
    hello: clientFrame('binary', packFromViewer({ type: 'join', epoch: 0, seq: 0 })),
  };
}

async function startGatewayPeer(rooms: number, flags: readonly string[]): Promise<RunningPeer> {
  const program = [process.execPath, 'dist/bench/fan-out/servers/gateway-server.js', ...flags];
  const server = await startServer(program, KEYS);
  const agent = await openUplink(server.port);
  const numbers = new Array<number>(rooms).fill(0);
  const next = (room: number) => {
    numbers[room] = (numbers[room] ?? 0) + 1;
    return numbers[room];
  };
  for (let room = 0; room < rooms; room += 1) {
    const live: CaptionEvent = { type: 'status', state: 'live', sinceMs: Date.now() };
    agent.send(frame(room, next(room), [live]));
  }
  return {
    pid: server.pid,
    port: server.port,
    groups: Array.from({ length: rooms }, (_, room) => viewerGroup(roomName(room))),
    publish: (room, updates) => agent.send(frame(room, next(room), updates.flatMap(eventsOf))),
    close: async () => {
      agent.terminate();
      await server.close();
    },
  };
}

async function openUplink(port: number): Promise<WebSocket> {
  const token = sign({ aud: UPLINK_AUDIENCE, exp: inTwoHours() });
  const socket = new WebSocket(`ws://127.0.0.1:${port}${UPLINK_PATH}`, UPLINK_SUBPROTOCOL, {
    headers: { Authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.send(packFromAgent({ type: 'hello', agentId: 'bench', sessionId: randomUUID(), rooms: [] }));
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
}

function frame(room: number, number: number, events: readonly CaptionEvent[]): Buffer {
  const now = Date.now();
  const times = {
    audioMs: now - 300,
    readUs: 60_000,
    gatheredUs: 61_000,
    steppedUs: 290_000,
    sentUs: 300_000,
    receivedUs: 0,
    publishedUs: 0,
  };
  return Buffer.from(packFromAgent({ type: 'frame', room: roomName(room), number, times, events }));
}

function eventsOf(update: Update): CaptionEvent[] {
  const { utterance, offset, text, startMs, endMs } = update;
  const appended: CaptionEvent = { type: 'appended', utterance, offset, text, startMs, endMs };
  if (offset > 0) return [appended];
  // As in a meeting: a turn is opened before its first words; the one before was closed with its last ones.
  const speaker = { identity: `p-${utterance % 8}`, name: 'Ana Martin', trackSid: `TR_${utterance % 8}` };
  return [{ type: 'opened', utterance, speaker, language: 'en', source: 'machine', startMs }, appended];
}
