/**
 * Draws each table of measured figures as an SVG beside it, the newest file of a kind only.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BarChart, barChart } from './bar-chart.ts';
import { readCommandLine } from './command-line.ts';
import { newestResultFile } from './newest-result.ts';
import { operand } from './parameters.ts';

interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

interface CostResult {
  readonly workloads: readonly {
    readonly updatesPerStep: number;
    readonly peers: readonly {
      readonly name: string;
      readonly cpuUsPerDelivery: Spread;
      readonly p99Ms: Spread;
      readonly bytesPerDelivery: number;
    }[];
  }[];
}

interface MemoryResult {
  readonly connections: number;
  readonly peers: readonly { readonly name: string; readonly kibPerConnection: number }[];
}

interface StalledResult {
  readonly readers: number;
  readonly stalled: number;
  readonly p99Ms: { readonly none: number; readonly stalled: number };
}

interface StormResult {
  readonly viewers: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface RollingRestartResult {
  readonly viewers: number;
  readonly restarts: readonly { readonly node: string; readonly peakToMean: number }[];
}

const { folder } = readCommandLine({
  program: 'plot',
  about:
    'Draws each table of measured figures as an SVG beside it, the newest file of a kind only. A second at most.',
  parameters: { folder: operand('FOLDER', 'of the figures', 'bench/results') },
});
const ours = (name: string) => name.startsWith('surtitre');

draw<CostResult>('fan-out-cost', ({ workloads }, source) =>
  workloads.flatMap(({ updatesPerStep, peers }) => {
    const of = (title: string, unit: string, pick: (peer: (typeof peers)[number]) => Spread): BarChart => ({
      title: `${title}, ${updatesPerStep} update${updatesPerStep === 1 ? '' : 's'} a step`,
      unit,
      source,
      bars: peers.map((peer) => {
        const { median: value, least, greatest } = pick(peer);
        return { label: peer.name, value, least, greatest, isOurs: ours(peer.name) };
      }),
    });
    const suffix = `${updatesPerStep}-a-step`;
    return [
      [`cpu-${suffix}`, of('Processor time per delivery', 'µs', (peer) => peer.cpuUsPerDelivery)],
      [`bytes-${suffix}`, of('Bytes per delivery', 'bytes', ({ bytesPerDelivery: bytes }) => exactly(bytes))],
      [`p99-${suffix}`, of('Publishing to arrival, p99', 'ms', (peer) => peer.p99Ms)],
    ] as const;
  }),
);
draw<MemoryResult>('fan-out-memory', ({ connections, peers }, source) => [
  [
    'memory',
    {
      title: `Memory per connection at ${connections.toLocaleString('en')}`,
      unit: 'KiB',
      source,
      bars: peers.map(({ name, kibPerConnection: value }) => ({ label: name, value, isOurs: ours(name) })),
    },
  ],
]);
draw<StalledResult>('fan-out-stalled', ({ readers, stalled, p99Ms }, source) => [
  [
    'p99',
    {
      title: `${readers.toLocaleString('en')} readers, publishing to arrival, p99`,
      unit: 'ms',
      source,
      bars: [
        { label: 'beside none that stalls', value: p99Ms.none, isOurs: true },
        { label: `beside ${stalled.toLocaleString('en')} that stall`, value: p99Ms.stalled, isOurs: true },
      ],
    },
  ],
]);
draw<StormResult>('fan-out-storm', ({ viewers, p50Ms, p99Ms, maxMs }, source) => [
  [
    'recovery',
    {
      title: `${viewers.toLocaleString('en')} viewers, from the death of their gateway to all captions`,
      unit: 'ms',
      source,
      bars: [
        { label: 'half of them', value: p50Ms, isOurs: true },
        { label: '99 %', value: p99Ms, isOurs: true },
        { label: 'all', value: maxMs, isOurs: true },
      ],
    },
  ],
]);
draw<RollingRestartResult>('fan-out-rolling-restart', ({ viewers, restarts }, source) => [
  [
    'peak',
    {
      title: `Rolling restart, ${viewers.toLocaleString('en')} viewers: peak second of reconnections`,
      unit: '× the mean',
      source,
      bars: restarts.map(({ node, peakToMean: value }) => ({ label: `${node} node`, value, isOurs: true })),
    },
  ],
]);

function exactly(median: number): Spread {
  return { median, least: median, greatest: median };
}

function draw<Result>(
  kind: string,
  charts: (result: Result, source: string) => readonly (readonly [name: string, chart: BarChart])[],
): void {
  const newest = newestResultFile(kind, folder);
  if (newest === null) {
    console.error(`${kind}: nothing measured yet`);
    return;
  }
  const result = JSON.parse(readFileSync(newest, 'utf8')) as Result;
  for (const [name, chart] of charts(result, newest)) {
    const file = join(folder, `${kind}-${name}.svg`.replace('fan-out-memory-memory', 'fan-out-memory'));
    writeFileSync(file, barChart(chart));
    console.log(file);
  }
}
