/** Redis is away for half a minute in mid-speech; the captions come late, all of them. */
import { expect, it } from 'vitest';
import { findRedisServer } from '../../bench/faults/redis-server.ts';
import { GatewayPair } from '../support/gateway-pair.ts';

const OUTAGE_MS = 30_000;
const WORD_EVERY_MS = 80;
const found = findRedisServer();

it.skipIf(found.path === null)(
  `an outage of Redis for 30 s costs no word${found.path ? '' : ` (skipped: ${found.reason})`}`,
  { timeout: 300_000 },
  async () => {
    const pair = await GatewayPair.start();
    const viewers = [await pair.view(0), await pair.view(1)];
    pair.say('before');
    await pair.allRead(viewers);
    pair.cutRedis();
    const restoreAtMs = performance.now() + OUTAGE_MS;
    for (let word = 0; performance.now() < restoreAtMs; word += 1) {
      pair.say(`w${word}`);
      await new Promise((resolve) => setTimeout(resolve, WORD_EVERY_MS));
    }
    pair.restoreRedis();
    pair.say('after');
    await pair.allRead(viewers);
    expect(pair.gapsOf(viewers)).toBe(0);
    await pair.close();
  },
);
