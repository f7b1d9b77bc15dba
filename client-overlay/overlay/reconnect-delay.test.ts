import { expect, test } from 'vitest';
import { MAX_DELAY_MS, MIN_DELAY_MS, reconnectDelayMs } from './reconnect-delay.ts';

test('the first wait is drawn from 200 to 400 ms', () => {
  expect(reconnectDelayMs(0, 0)).toBe(MIN_DELAY_MS);
  expect(reconnectDelayMs(0, 0.999)).toBeCloseTo(400, 0);
});

test('waits grow with each failure and never exceed five seconds', () => {
  const longest = Array.from({ length: 10 }, (_, attempt) => reconnectDelayMs(attempt, 0.9999));
  expect(longest).toEqual(longest.toSorted((a, b) => a - b));
  expect(Math.max(...longest, reconnectDelayMs(1e9, 0.9999))).toBeLessThanOrEqual(MAX_DELAY_MS);
});

test('a crowd spreads over the whole range at every attempt', () => {
  expect(reconnectDelayMs(8, 0)).toBe(MIN_DELAY_MS);
});
