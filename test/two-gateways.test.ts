/** Two whole gateways with one Redis, real sockets, an agent's real uplink: what a person reads while parts fail. */
import { afterEach, describe, expect, it } from 'vitest';
import { findRedisServer } from '../bench/faults/redis-server.ts';
import { GatewayPair } from './support/gateway-pair.ts';

const found = findRedisServer();

describe.skipIf(found.path === null)(`two gateways${found.path ? '' : ` (skipped: ${found.reason})`}`, () => {
  let pair: GatewayPair;

  afterEach(() => pair.close());

  it('show the words of an agent at either to the viewers of both', async () => {
    pair = await GatewayPair.start();
    const viewers = [await pair.view(0), await pair.view(1)];
    pair.say('one');
    pair.say('two');
    await pair.allRead(viewers);
    expect(viewers[0]?.position).toEqual(viewers[1]?.position);
  });

  it('lose no word when the one with the agent stops, and its viewers go to the other', async () => {
    pair = await GatewayPair.start();
    const [leaving, staying] = [await pair.view(0), await pair.view(1)];
    pair.say('before');
    await pair.allRead([leaving, staying]);
    pair.target = 1;
    const { position } = leaving;
    const closing = pair.stop(0);
    pair.say('meanwhile');
    await closing;
    pair.say('after');
    await pair.allRead([staying]);
    const returned = await pair.view(1, position);
    expect(returned.welcome.recovered).toBe(true);
    expect(returned.welcome.epoch).toBe(position.epoch);
    expect(pair.textOf(leaving) + pair.textOf(returned)).toContain('after');
    expect(pair.gapsOf([staying, returned])).toBe(0);
  });

  it('lose no word while Redis cannot be reached, and say so meanwhile', { timeout: 30_000 }, async () => {
    pair = await GatewayPair.start();
    const viewers = [await pair.view(0), await pair.view(1)];
    pair.say('before');
    await pair.allRead(viewers);
    pair.cutRedis();
    for (let word = 0; word < 20; word += 1) pair.say(`w${word}`);
    await Promise.all(viewers.map((viewer) => viewer.untilState('interrupted')));
    pair.restoreRedis();
    await pair.allRead(viewers);
    expect(pair.gapsOf(viewers)).toBe(0);
  });
});
