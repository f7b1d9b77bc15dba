/**
 * What a connected viewer costs in memory: resident size of the server with so many viewers, less that with none,
 * while captions flow slowly.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommandLine } from '../command-line.ts';
import { machine } from '../machine.ts';
import { count, resultFile } from '../parameters.ts';
import { leaveResult } from '../result-file.ts';
import { median, ratioOfMedians, rounded } from '../statistics.ts';
import { allPeers } from './all-peers.ts';
import { residentBytes } from './child-server.ts';
import { LoadClient } from './load-client.ts';
import { MeetingLoad } from './meeting-load.ts';
import type { Peer } from './peer.ts';

/** Longer than a collector waits before it gives memory back. */
const SETTLE_MS = 5_000;

const { connections, rooms, repeats, results } = readCommandLine({
  program: 'fan-out/memory',
  about: `What a connected viewer costs in memory: the server's resident size with so many viewers, less that with none, as
captions flow slowly, beside other servers. Needs Linux and a C compiler. About four minutes.`,
  parameters: {
    connections: count('viewers', 10_000),
    rooms: count('among which they are divided', 100),
    repeats: count('turns of each server', 3),
    results: resultFile,
  },
});
const before = machine();
const peers = allPeers();
const bytes = new Map<string, number[]>();

for (let repeat = 0; repeat < repeats; repeat += 1) {
  for (const peer of peers) {
    const each = await bytesPerConnection(peer);
    bytes.set(peer.name, [...(bytes.get(peer.name) ?? []), each]);
    console.error(`${repeat + 1}: ${peer.name}: ${(each / 1_024).toFixed(2)} KiB a connection`);
  }
}

const summary = {
  date: new Date().toISOString(),
  machine: before,
  command: `node dist/bench/fan-out/memory.js ${process.argv.slice(2).join(' ')}`,
  connections,
  rooms,
  peers: peers.map(({ name, version, configuration }) => ({
    name,
    version,
    configuration,
    kibPerConnection: rounded(median(bytes.get(name) ?? []) / 1_024),
    surtitreRatio: ratioOfMedians(bytes.get('surtitre') ?? [], bytes.get(name) ?? []),
  })),
};
leaveResult(summary, results);

async function bytesPerConnection(peer: Peer): Promise<number> {
  const running = await peer.start(rooms);
  const load = new MeetingLoad(running, { rooms, updatesPerStep: 1 });
  try {
    await sleep(SETTLE_MS);
    load.stop();
    const without = residentBytes(running.pid);
    const client = await LoadClient.connect({ ...running, connections });
    try {
      await sleep(SETTLE_MS);
      return (residentBytes(running.pid) - without) / connections;
    } finally {
      await client.close();
    }
  } finally {
    load.stop();
    await running.close();
  }
}
