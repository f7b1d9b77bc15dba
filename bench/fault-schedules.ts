/**
 * `node dist/bench/fault-schedules.js`: many seeded fault schedules, each judged by the history checker, and their
 * record. A schedule that fails is printed with its seed, which replays it.
 */
import { parseArgs } from 'node:util';
import { GatewayMetrics } from '../gateway/metrics.ts';
import { runSchedule, type ScheduleResult } from './faults/fault-schedule.ts';
import { RedisServer } from './faults/redis-server.ts';
import { machine } from './machine.ts';
import { percentile } from './percentile.ts';
import { writeResult } from './result-file.ts';

const HELP = `node dist/bench/fault-schedules.js [--count N] [--seed S] [--at-once K] [--out FILE]

Runs N schedules (200), seeded S, S + 1, … (a random S), K at a time (8), each with a Redis of its own. Prints every
schedule that breaks a promise. --count 1 --seed S replays one.

  --out FILE   also write the record, JSON
  --help       this text`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string' },
    'at-once': { type: 'string', default: '8' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const count = Number(values.count);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error('--count and --seed must be integers.');
  process.exit(1);
}
console.error(`${count} schedules from seed ${seed}`);
const startedAt = performance.now();
const results: ScheduleResult[] = [];
const metrics = new GatewayMetrics();
let next = 0;

await Promise.all(Array.from({ length: Math.min(count, Number(values['at-once'])) }, () => work()));

const faulty = results.filter(({ fault }) => fault !== null);
const settled = results.map(({ settledMs }) => settledMs);
const late = results.map(({ untoldMs }) => untoldMs).filter((ms) => ms > 0);
const kinds = new Map<string, number>();
for (const { faults } of results) for (const kind of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
const record = {
  what: 'seeded fault schedules: views that broke a promise',
  at: new Date().toISOString(),
  command: `node dist/bench/fault-schedules.js --count ${count} --seed ${seed} --at-once ${values['at-once']}`,
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
if (values.out !== undefined) writeResult(record, values.out);
process.exit(faulty.length > 0 ? 1 : 0);

async function work(): Promise<void> {
  const redis = await RedisServer.start();
  while (next < count) {
    const own = seed + next;
    next += 1;
    const result = await runSchedule({ seed: own, redis, metrics });
    results.push(result);
    if (result.fault !== null) {
      console.error(`seed ${own}: ${result.fault} (${result.faults.join(', ')})`);
    }
    if (results.length % 100 === 0) {
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      console.error(`${results.length} of ${count}, ${seconds} s`);
    }
  }
  await redis.close();
}
