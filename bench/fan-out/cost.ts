/**
 * What a delivery costs: processor time of the server, latency and bytes, beside other ways to do it. The peers take turns;
 * server and load client have a core each.
 */
import { readCommandLine } from '../command-line.ts';
import { machine } from '../machine.ts';
import { amount, count, counts, resultFile, text } from '../parameters.ts';
import { leaveResult } from '../result-file.ts';
import { median, ratioOfMedians, rounded } from '../statistics.ts';
import { allPeers } from './all-peers.ts';
import { type Measurement, measure } from './measure.ts';
import { surtitreWithoutMetrics } from './peers/surtitre.ts';

const values = readCommandLine({
  program: 'fan-out/cost',
  about: `What a delivery costs: processor time of the server, latency and bytes, beside other servers, in turn. Server and
load client have a core each. Needs Linux, two cores and a C compiler. About 22 minutes.`,
  parameters: {
    connections: count('viewers', 1_000),
    rooms: count('among which they are divided', 10),
    seconds: amount('that are counted', 8),
    repeats: count('turns of each server', 5),
    updates: counts('updates a step, each measured', [1, 8]),
    peers: text('NAME,…', 'only these, as surtitre,Socket.IO (default: all that are on this machine)'),
    results: resultFile,
  },
});
const before = machine();
const { connections, rooms, seconds, repeats, updates: workloads } = values;
const wanted = values.peers?.split(',');
const peers = [...allPeers(), surtitreWithoutMetrics].filter(({ name }) => wanted?.includes(name) ?? true);
const key = (name: string, updates: number) => `${name}/${updates}`;
const series = new Map<string, Measurement[]>();

for (let repeat = 0; repeat < repeats; repeat += 1) {
  for (const updatesPerStep of workloads) {
    // Another one begins each time, so that no peer always runs in another's wake.
    const order = peers.map((_, index) => peers[(index + repeat) % peers.length]);
    for (const peer of order) {
      if (peer === undefined) continue;
      const measured = await measure(peer, {
        connections,
        stalled: 0,
        rooms,
        updatesPerStep,
        seconds,
      });
      const name = key(peer.name, updatesPerStep);
      series.set(name, [...(series.get(name) ?? []), measured]);
      const { serverCpuUsPerDelivery: cost, p99Ms, delivered, clientBusy } = measured;
      console.error(
        `${repeat + 1}: ${peer.name}, ${updatesPerStep} a step: ${cost.toFixed(2)} µs, p99 ${p99Ms.toFixed(1)} ms, ` +
          `${(delivered * 100).toFixed(1)} % arrived, client ${(clientBusy * 100).toFixed(0)} % busy`,
      );
    }
  }
}

const of = (name: string, updates: number, pick: (one: Measurement) => number) =>
  (series.get(key(name, updates)) ?? []).map(pick);

const summary = {
  date: new Date().toISOString(),
  machine: before,
  command: `node dist/bench/fan-out/cost.js ${process.argv.slice(2).join(' ')}`,
  load: {
    connections,
    rooms,
    stepMs: 80,
    seconds,
    repeats,
  },
  workloads: workloads.map((updates) => ({
    updatesPerStep: updates,
    peers: peers.map(({ name, version, configuration }) => ({
      name,
      version,
      configuration,
      cpuUsPerDelivery: spread(of(name, updates, (one) => one.serverCpuUsPerDelivery)),
      p50Ms: spread(of(name, updates, (one) => one.p50Ms)),
      p99Ms: spread(of(name, updates, (one) => one.p99Ms)),
      bytesPerDelivery: rounded(median(of(name, updates, (one) => one.bytesPerDelivery))),
      delivered: Math.min(...of(name, updates, (one) => one.delivered)),
      serverBusy: rounded(median(of(name, updates, (one) => one.serverBusy))),
      clientBusy: rounded(median(of(name, updates, (one) => one.clientBusy))),
      surtitreCpuRatio: ratioOfMedians(
        of('surtitre', updates, (one) => one.serverCpuUsPerDelivery),
        of(name, updates, (one) => one.serverCpuUsPerDelivery),
      ),
      surtitreP99Ratio: ratioOfMedians(
        of('surtitre', updates, (one) => one.p99Ms),
        of(name, updates, (one) => one.p99Ms),
      ),
    })),
  })),
};
leaveResult(summary, values.results);

function spread(all: readonly number[]) {
  return {
    median: rounded(median(all)),
    least: rounded(Math.min(...all)),
    greatest: rounded(Math.max(...all)),
  };
}
