/**
 * `node dist/bench/fault-schedules.js`: many seeded fault schedules, each judged by the history checker, and their
 * record. A schedule that fails is printed with its seed, which replays it.
 */
import { GatewayMetrics } from '../gateway/metrics.ts';
import { readCommandLine } from './command-line.ts';
import { runSchedule, type ScheduleResult } from './faults/fault-schedule.ts';
import { RedisServer } from './faults/redis-server.ts';
import { machine } from './machine.ts';
import { count, readCount, text } from './parameters.ts';
import { percentile } from './percentile.ts';
import { writeResult } from './result-file.ts';

const {
  count: schedules,
  seed,
  'at-once': atOnce,
  out,
} = readCommandLine({
  program: 'fault-schedules',
  about: `Seeded schedules of lost nodes, lost Redis and cut connections, each judged by the history checker. Prints every
schedule that breaks a promise, and its seed, which replays it with --count 1. Needs redis-server. About a minute.`,
  parameters: {
    count: count('schedules', 200),
    seed: {
      kind: 'option',
      placeholder: 'S',
      what: 'of the first schedule; S + 1, … of the others (default random)',
      read: ([given]) => (given === undefined ? 1 + Math.floor(Math.random() * 2 ** 31) : readCount(given)),
    },
    'at-once': count('schedules at a time, each with a Redis of its own', 8),
    out: text('FILE', 'where the record is left too, as JSON'),
  },
});
console.error(`${schedules} schedules from seed ${seed}`);
const startedAt = performance.now();
const results: ScheduleResult[] = [];
const metrics = new GatewayMetrics();
let next = 0;

await Promise.all(Array.from({ length: Math.min(schedules, atOnce) }, () => work()));

const faulty = results.filter(({ fault }) => fault !== null);
const settled = results.map(({ settledMs }) => settledMs);
const late = results.map(({ untoldMs }) => untoldMs).filter((ms) => ms > 0);
const kinds = new Map<string, number>();
for (const { faults } of results) for (const kind of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
const record = {
  what: 'seeded fault schedules: views that broke a promise',
  at: new Date().toISOString(),
  command: `node dist/bench/fault-schedules.js --count ${schedules} --seed ${seed} --at-once ${atOnce}`,
  machine: machine(),
  schedules: results.length,
  broken: faulty.length,
  brokenSeeds: faulty.map(({ seed: broken, fault }) => ({ seed: broken, fault })),
  views: results.reduce((sum, { viewers }) => sum + viewers, 0),
  wholeViews: results.reduce((sum, { whole }) => sum + whole, 0),
  /** Holes that were marked or filled only after words behind them had come. */
  lateTold: { schedules: late.length, maxMs: Math.max(0, ...late) },
  settledMs: { p50: percentile(settled, 0.5), p99: percentile(settled, 0.99), max: Math.max(...settled) },
  faults: Object.fromEntries([...kinds].sort()),
  wallS: Math.round((performance.now() - startedAt) / 1_000),
};
console.log(JSON.stringify(record, null, 2));
if (out !== undefined) writeResult(record, out);
process.exit(faulty.length > 0 ? 1 : 0);

async function work(): Promise<void> {
  const redis = await RedisServer.start();
  while (next < schedules) {
    const own = seed + next;
    next += 1;
    const result = await runSchedule({ seed: own, redis, metrics });
    results.push(result);
    if (result.fault !== null) {
      console.error(`seed ${own}: ${result.fault} (${result.faults.join(', ')})`);
    }
    if (results.length % 100 === 0) {
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      console.error(`${results.length} of ${schedules}, ${seconds} s`);
    }
  }
  await redis.close();
}
