/**
 * Three gateways are replaced one after the other, as a rolling update does: told to stop, they move their viewers,
 * then end; a new one takes the place. What is lost, and how evenly viewers come back.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommandLine } from '../command-line.ts';
import { machine } from '../machine.ts';
import { amount, count, resultFile } from '../parameters.ts';
import { leaveResult } from '../result-file.ts';
import { rounded } from '../statistics.ts';
import { GatewayCluster } from './gateway-cluster.ts';
import { RoomSpeech } from './room-speech.ts';
import { UplinkBalancer } from './uplink-balancer.ts';
import { ViewerCrowd } from './viewer-crowd.ts';

const NODES = ['first', 'second', 'third'];
const WORDS_PER_SECOND = 3;
const WINDOW_MS = 1_000;

const { viewers, rooms, drain, results } = readCommandLine({
  program: 'fan-out/rolling-restart',
  about: `Three gateways replaced one after the other, as a rolling update does: what is lost, and how evenly viewers come
back. Needs redis-server. About three minutes.`,
  parameters: {
    viewers: count('connected', 3_000),
    rooms: count('among which they are divided', 30),
    drain: amount('seconds over which a gateway moves its viewers', 30),
    results: resultFile,
  },
});
const before = machine();
const cluster = await GatewayCluster.start(NODES, {
  SURTITRE_DRAIN_MS: String(drain * 1_000),
});
const crowd = new ViewerCrowd(cluster, viewers, rooms);
const balancer = await UplinkBalancer.start(cluster);
const speech = new RoomSpeech(balancer.url, rooms);
try {
  await crowd.connect();
  speech.start(WORDS_PER_SECOND);
  await crowd.until(() => crowd.viewers.every(({ lines }) => lines.utterances.length > 0));
  const restarts = [];
  for (const name of NODES) {
    const leaving = cluster.takeOut(name);
    const affected = crowd.viewers.filter(({ node }) => node === name).length;
    const began = performance.now();
    leaving.process.kill('SIGTERM');
    await once(leaving.process, 'exit');
    const endedAt = performance.now();
    await crowd.until(() =>
      crowd.viewers.every(({ node, socket }) => node !== name && socket.state.state === 'open'),
    );
    const openings = crowd.openings.filter((at) => at >= began);
    const perWindow = windows(openings, began, endedAt);
    const mean = openings.length / perWindow.length;
    const one = {
      node: name,
      viewers: affected,
      reconnections: openings.length,
      drainS: rounded((endedAt - began) / 1_000),
      peakToMean: rounded(Math.max(...perWindow) / mean),
    };
    console.error(JSON.stringify(one));
    restarts.push(one);
    await cluster.add(name);
  }
  speech.stop();
  await sleep(2_000);
  const heard = crowd.viewers.map(({ room, lines }) => speech.heard(room, lines));
  const summary = {
    date: new Date().toISOString(),
    machine: before,
    command: `node dist/bench/fan-out/rolling-restart.js ${process.argv.slice(2).join(' ')}`,
    viewers: crowd.viewers.length,
    rooms,
    incompleteViewers: heard.filter(({ isComplete }) => !isComplete).length,
    gapsSeen: heard.reduce((sum, { gaps }) => sum + gaps, 0),
    windowMs: WINDOW_MS,
    restarts,
  };
  leaveResult(summary, results);
} finally {
  crowd.close();
  await speech.close();
  balancer.close();
  await cluster.close();
}

/** How many connections were opened in each window from the signal to the end of the process. */
function windows(openings: readonly number[], began: number, endedAt: number): number[] {
  const counts = new Array<number>(Math.max(1, Math.ceil((endedAt - began) / WINDOW_MS))).fill(0);
  for (const at of openings) {
    const index = Math.min(counts.length - 1, Math.floor((at - began) / WINDOW_MS));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}
