/** Two hundred seeded fault schedules: nobody's captions lack a word without a mark. A failure names its seed. */
import { expect, it } from 'vitest';
import { runSchedule, type ScheduleResult } from '../../bench/faults/fault-schedule.ts';
import { findRedisServer, RedisServer } from '../../bench/faults/redis-server.ts';
import { GatewayMetrics } from '../../gateway/metrics.ts';

const SCHEDULES = 200;
const AT_ONCE = 8;
const found = findRedisServer();

it.skipIf(found.path === null)(
  `${SCHEDULES} fault schedules break no promise${found.path ? '' : ` (skipped: ${found.reason})`}`,
  { timeout: 900_000 },
  async () => {
    const firstSeed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seeds from ${firstSeed}; replay: node dist/bench/fault-schedules.js --count 1 --seed S`);
    const metrics = new GatewayMetrics();
    const results: ScheduleResult[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const redis = await RedisServer.start();
        while (next < SCHEDULES) {
          const seed = firstSeed + next;
          next += 1;
          results.push(await runSchedule({ seed, redis, metrics }));
          if (results.length % 50 === 0) console.log(`${results.length} of ${SCHEDULES} schedules`);
        }
        await redis.close();
      }),
    );
    expect(results.filter(({ fault }) => fault !== null)).toEqual([]);
    expect(results).toHaveLength(SCHEDULES);
  },
);
