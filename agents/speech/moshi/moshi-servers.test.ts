import { expect, test } from 'vitest';
import { MoshiServers } from './moshi-servers.ts';

test('servers are asked in turn', () => {
  const servers = new MoshiServers(['a', 'b']);
  expect([0, 0, 0].map((now) => servers.choose(now))).toEqual([{ url: 'a' }, { url: 'b' }, { url: 'a' }]);
});

test('one that failed rests, longer each time, until it is ready again', () => {
  const servers = new MoshiServers(['a']);
  servers.handleFailure('a', 'full', 1_000, 0.999999);
  expect(servers.choose(1_000)).toEqual({ waitMs: 200 });
  expect(servers.choose(1_200)).toEqual({ url: 'a' });
  servers.handleFailure('a', 'full', 1_200, 0.999999);
  expect(servers.choose(1_200)).toEqual({ waitMs: 400 });
  servers.handleReady('a');
  servers.handleFailure('a', 'lost', 2_000, 0.999999);
  expect(servers.choose(2_000)).toEqual({ waitMs: 200 });
});

test('while one rests the others are asked', () => {
  const servers = new MoshiServers(['a', 'b']);
  servers.handleFailure('a', 'lost', 0, 0);
  expect([1, 1].map((now) => servers.choose(now))).toEqual([{ url: 'b' }, { url: 'b' }]);
});
