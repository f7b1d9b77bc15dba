import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CaptionsAccess } from '../../../../protocol/room-api.ts';
import { CaptionsAccessKeeper } from './captions-access-keeper.ts';

const LIFETIME_MS = 3_600_000;
let keeper: CaptionsAccessKeeper;
let asked: string[];
let given: string[];
let serviceIsDown: boolean;

function access(token: string): CaptionsAccess {
  return {
    captionsUrl: 'ws://127.0.0.1:1/captions',
    captionsToken: token,
    captionsTokenExpiresMs: Date.now() + LIFETIME_MS,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  given = [];
  serviceIsDown = false;
  keeper = new CaptionsAccessKeeper({
    first: access('token-0'),
    refresh: async (token) => {
      asked.push(token);
      if (serviceIsDown) throw new Error('no answer');
      return access(`token-${asked.length}`);
    },
  });
  keeper.onToken = (token) => given.push(token);
  keeper.start();
});

afterEach(() => {
  keeper.close();
  vi.useRealTimers();
});

it('gives the token it has while that is good', async () => {
  expect(await keeper.provideToken()).toBe('token-0');
  expect(asked).toEqual([]);
});

it('renews a token well before it runs out, and again', async () => {
  await vi.advanceTimersByTimeAsync(0.8 * LIFETIME_MS);
  expect(given).toEqual(['token-1']);
  await vi.advanceTimersByTimeAsync(0.8 * LIFETIME_MS);
  expect(given).toEqual(['token-1', 'token-2']);
  expect(asked).toEqual(['token-0', 'token-1']);
});

it('renews at once a token that was refused, and asks once for two who wait', async () => {
  const both = await Promise.all([keeper.provideToken(true), keeper.provideToken(true)]);
  expect(both).toEqual(['token-1', 'token-1']);
  expect(asked).toEqual(['token-0']);
});

it('tries again when the service does not answer', async () => {
  serviceIsDown = true;
  await vi.advanceTimersByTimeAsync(0.8 * LIFETIME_MS);
  serviceIsDown = false;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(given).toEqual(['token-2']);
});

it('does NOT ask for anything once closed', async () => {
  keeper.close();
  await vi.advanceTimersByTimeAsync(2 * LIFETIME_MS);
  expect(asked).toEqual([]);
});
