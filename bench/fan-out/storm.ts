/**
 * All viewers lose their gateway at once: it is killed, and they come back through the others. How long until each
 * has everything again, and whether anything is missing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommandLine } from '../command-line.ts';
import { machine } from '../machine.ts';
import { count, resultFile } from '../parameters.ts';
import { percentile } from '../percentile.ts';
import { leaveResult } from '../result-file.ts';
import { median, rounded } from '../statistics.ts';
import { ended } from './child-server.ts';
import { GatewayCluster } from './gateway-cluster.ts';
import { OPERATOR_TOKEN } from './peers/surtitre.ts';
import { RoomSpeech } from './room-speech.ts';
import { UplinkBalancer } from './uplink-balancer.ts';
import { ViewerCrowd } from './viewer-crowd.ts';

const WORDS_PER_SECOND = 3;

const { viewers, rooms, repeats, results } = readCommandLine({
  program: 'fan-out/storm',
  about: `All viewers lose their gateway at once and come back through another: how long until each has everything again,
and whether anything is missing. Needs redis-server. About two minutes.`,
  parameters: {
    viewers: count('connected', 5_000),
    rooms: count('among which they are divided', 50),
    repeats: count('storms', 3),
    results: resultFile,
  },
});
const before = machine();
const storms = [];
for (let repeat = 0; repeat < repeats; repeat += 1) {
  const one = await storm(viewers, rooms);
  storms.push(one);
  console.error(`${repeat + 1}: ${JSON.stringify(one)}`);
}
const summary = {
  date: new Date().toISOString(),
  machine: before,
  command: `node dist/bench/fan-out/storm.js ${process.argv.slice(2).join(' ')}`,
  viewers,
  rooms,
  recovered: Math.min(...storms.map(({ recovered }) => recovered)),
  complete: Math.min(...storms.map(({ complete }) => complete)),
  p50Ms: rounded(median(storms.map(({ p50Ms }) => p50Ms))),
  p99Ms: rounded(median(storms.map(({ p99Ms }) => p99Ms))),
  maxMs: rounded(Math.max(...storms.map(({ maxMs }) => maxMs))),
  busReads: Math.max(...storms.map(({ busReads }) => busReads)),
  runs: storms,
};
leaveResult(summary, results);

async function storm(count: number, rooms: number) {
  // All viewers on the first node, the agent's uplink on the second.
  const cluster = await GatewayCluster.start(['doomed']);
  const crowd = new ViewerCrowd(cluster, count, rooms);
  await crowd.connect();
  const doomed = cluster.takeOut('doomed');
  const other = await cluster.add('other');
  const balancer = await UplinkBalancer.start(cluster);
  const speech = new RoomSpeech(balancer.url, rooms);
  try {
    speech.start(WORDS_PER_SECOND);
    await crowd.until(() => crowd.viewers.every(({ lines }) => lines.utterances.length > 0));
    await sleep(2_000);
    const killedAt = performance.now();
    await ended(doomed.process);
    const back = ({ node, welcomedAt }: { node: string; welcomedAt: number }) =>
      node === 'other' && welcomedAt > killedAt;
    await Promise.race([crowd.until(() => crowd.viewers.every(back)), sleep(30_000)]);
    const times = crowd.viewers.filter(back).map(({ welcomedAt }) => welcomedAt - killedAt);
    await sleep(1_000);
    speech.stop();
    await sleep(1_500);
    const heard = crowd.viewers.map(({ room, lines }) => speech.heard(room, lines));
    return {
      recovered: times.length / count,
      complete: heard.filter(({ isComplete, gaps }) => isComplete && gaps === 0).length / count,
      p50Ms: rounded(percentile(times, 0.5)),
      p99Ms: rounded(percentile(times, 0.99)),
      maxMs: rounded(Math.max(...times)),
      busReads: await busReadsOf(other.httpUrl),
    };
  } finally {
    crowd.close();
    await speech.close();
    balancer.close();
    await cluster.close();
  }
}

/** Reads of rooms' pasts from the bus, by the node that all came back to. */
async function busReadsOf(httpUrl: string): Promise<number> {
  const answer = await fetch(`${httpUrl}/metrics`, {
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
  });
  const line = (await answer.text()).split('\n').find((one) => one.startsWith('caption_bus_reads_total'));
  return Number(line?.split(' ')[1] ?? Number.NaN);
}
