/**
 * What viewers that have stopped reading do to those that read: the same room load with and without them, in turn.
 */
import { readCommandLine } from '../command-line.ts';
import { machine } from '../machine.ts';
import { amount, count, resultFile } from '../parameters.ts';
import { leaveResult } from '../result-file.ts';
import { median, ratioOfMedians, rounded } from '../statistics.ts';
import { type Measurement, measure } from './measure.ts';
import { surtitre } from './peers/surtitre.ts';

const { connections, share, seconds, repeats, results } = readCommandLine({
  program: 'fan-out/stalled',
  about: `What viewers that have stopped reading do to those that read: the same load with and without them, in turn. Needs
Linux, two cores and a C compiler. About four minutes.`,
  parameters: {
    connections: count('viewers that read', 1_000),
    share: amount('viewers that do not, for each that does', 0.1),
    seconds: amount('that are counted', 8),
    repeats: count('turns with and without', 5),
    results: resultFile,
  },
});
const stalledViewers = Math.round(connections * share);
const before = machine();
const runs: Record<'none' | 'stalled', Measurement[]> = { none: [], stalled: [] };

for (let repeat = 0; repeat < repeats; repeat += 1) {
  for (const kind of repeat % 2 === 0 ? (['none', 'stalled'] as const) : (['stalled', 'none'] as const)) {
    const stalled = kind === 'stalled' ? stalledViewers : 0;
    const plan = { rooms: 10, updatesPerStep: 8, seconds, stalled };
    // As many who read in both.
    const measured = await measure(surtitre, { ...plan, connections: connections + stalled });
    runs[kind].push(measured);
    console.error(`${repeat + 1}: ${stalled} stalled: p99 ${measured.p99Ms.toFixed(1)} ms`);
  }
}

const p99 = (kind: 'none' | 'stalled') => runs[kind].map((one) => one.p99Ms);
const summary = {
  date: new Date().toISOString(),
  machine: before,
  command: `node dist/bench/fan-out/stalled.js ${process.argv.slice(2).join(' ')}`,
  readers: connections,
  stalled: stalledViewers,
  p99Ms: { none: rounded(median(p99('none'))), stalled: rounded(median(p99('stalled'))) },
  ratio: ratioOfMedians(p99('stalled'), p99('none')),
  delivered: Math.min(...runs.stalled.map((one) => one.delivered)),
};
leaveResult(summary, results);
