/**
 * Memory that stays when rooms were joined and left: by rtc-node alone, and by the agent's connection around it.
 *
 *     LIVEKIT_URL=… LIVEKIT_API_KEY=… LIVEKIT_API_SECRET=… node --expose-gc dist/bench/room-memory.js
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dispose, Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { rtcListenerCount } from '../agents/livekit/release-room.ts';
import { RoomConnection } from '../agents/livekit/room-connection.ts';
import { createLog } from '../runtime/log.ts';
import { machine } from './machine.ts';
import { leaveResult } from './result-file.ts';
import { trendOf } from './trend.ts';

const { values } = parseArgs({
  options: {
    rooms: { type: 'string', default: '100' },
    results: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const { LIVEKIT_URL: url, LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret } = process.env;
const collect = (globalThis as { gc?: () => void }).gc;
if (values.help || !url || !key || !secret || !collect) {
  console.log(`LIVEKIT_URL=… LIVEKIT_API_KEY=… LIVEKIT_API_SECRET=… \\
  node --expose-gc dist/bench/room-memory.js [--rooms 100] [--results FILE]

Joins and leaves so many empty rooms of a LiveKit server, one after the other, with rtc-node alone and then with the
agent's connection, and tells what of the memory stays.`);
  process.exit(values.help ? 0 : 1);
}

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
  for (let room = 1; room <= Number(values.rooms); room++) {
    const token = new AccessToken(key, secret, { identity: 'bench' });
    token.addGrant({ roomJoin: true, room: `${name}-${room}` });
    await visit(url as string, await token.toJwt());
    if (room % ROOMS_A_SAMPLE !== 0) continue;
    await pause(SETTLE_MS);
    collect?.();
    const { rss, heapUsed } = process.memoryUsage();
    process.stderr.write(`\r${name}: ${room} rooms, ${Math.round(rss / MIB)} MiB  `);
    // The first ones pay for compiled code and pools.
    if (room * 5 < Number(values.rooms)) continue;
    resident.push([room, rss]);
    heap.push([room, heapUsed]);
  }
  process.stderr.write('\n');
  const { slope, uncertainty } = trendOf(resident);
  return {
    rooms: Number(values.rooms),
    residentMiBPerRoom: Math.round((100 * slope) / MIB) / 100,
    uncertainty: Math.round((100 * uncertainty) / MIB) / 100,
    heapKiBPerRoom: Math.round((10 * trendOf(heap).slope) / 1024) / 10,
    listeners: rtcListenerCount(),
  };
}

const before = machine();
const rtcNodeAlone = await growthOf('rtc-node', visitBare);
const agentsConnection = await growthOf('agent', visitAsAgent);
const command = `node --expose-gc dist/bench/room-memory.js --rooms ${values.rooms}`;
leaveResult({ machine: before, command, rtcNodeAlone, agentsConnection }, values.results);
await dispose();
