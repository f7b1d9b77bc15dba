/**
 * Memory that stays when rooms were joined and left: by rtc-node alone, and by the agent's connection around it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { dispose, Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { rtcListenerCount } from '../agents/livekit/release-room.ts';
import { RoomConnection } from '../agents/livekit/room-connection.ts';
import { createLog } from '../runtime/log.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { count, resultFile, variable } from './parameters.ts';
import { leaveResult } from './result-file.ts';
import { trendOf } from './trend.ts';

const { rooms, results, url, key, secret } = readCommandLine({
  program: 'room-memory',
  launch: 'node --expose-gc',
  about: `Memory that stays when empty rooms of a LiveKit server are joined and left one after the other, with rtc-node alone
and then with the agent's connection. A second of rest after every ten, beside the joins themselves.`,
  parameters: {
    rooms: count('joined in each way', 100),
    results: resultFile,
    url: variable('LIVEKIT_URL', 'of the server'),
    key: variable('LIVEKIT_API_KEY', 'that it knows'),
    secret: variable('LIVEKIT_API_SECRET', 'of the key'),
  },
});
const collect = (globalThis as { gc?: () => void }).gc;

const ROOMS_A_SAMPLE = 10;
/** libwebrtc ends a connection's threads in its own time. */
const SETTLE_MS = 1_000;
const MIB = 2 ** 20;
const log = createLog('agent', 'silent');
const listener = {
  onHeard: () => {},
  onMuted: () => {},
  onUnmuted: () => {},
  onUnheard: () => {},
  onGone: () => {},
};

async function visitBare(url: string, token: string): Promise<void> {
  const room = new Room();
  await room.connect(url, token, { autoSubscribe: false, dynacast: false });
  await room.disconnect();
}

async function visitAsAgent(url: string, token: string): Promise<void> {
  const connection = new RoomConnection({ listener, log, onEnded: () => {} });
  await connection.join({ url, token });
  await connection.leave();
}

interface Growth {
  readonly rooms: number;
  readonly residentMiBPerRoom: number;
  readonly uncertainty: number;
  readonly heapKiBPerRoom: number;
  /** Listeners that rtc-node still calls at the end. */
  readonly listeners: number;
}

async function growthOf(name: string, visit: typeof visitBare): Promise<Growth> {
  const resident: [number, number][] = [];
  const heap: [number, number][] = [];
  for (let room = 1; room <= rooms; room++) {
    const token = new AccessToken(key, secret, { identity: 'bench' });
    token.addGrant({ roomJoin: true, room: `${name}-${room}` });
    await visit(url, await token.toJwt());
    if (room % ROOMS_A_SAMPLE !== 0) continue;
    await pause(SETTLE_MS);
    collect?.();
    const { rss, heapUsed } = process.memoryUsage();
    process.stderr.write(`\r${name}: ${room} rooms, ${Math.round(rss / MIB)} MiB  `);
    // The first ones pay for compiled code and pools.
    if (room * 5 < rooms) continue;
    resident.push([room, rss]);
    heap.push([room, heapUsed]);
  }
  process.stderr.write('\n');
  const { slope, uncertainty } = trendOf(resident);
  return {
    rooms,
    residentMiBPerRoom: Math.round((100 * slope) / MIB) / 100,
    uncertainty: Math.round((100 * uncertainty) / MIB) / 100,
    heapKiBPerRoom: Math.round((10 * trendOf(heap).slope) / 1024) / 10,
    listeners: rtcListenerCount(),
  };
}

const before = machine();
const rtcNodeAlone = await growthOf('rtc-node', visitBare);
const agentsConnection = await growthOf('agent', visitAsAgent);
const command = `node --expose-gc dist/bench/room-memory.js --rooms ${rooms}`;
leaveResult({ machine: before, command, rtcNodeAlone, agentsConnection }, results);
await dispose();
