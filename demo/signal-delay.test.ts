import { expect, test } from 'vitest';
import { findLag, thin } from './signal-delay.ts';

/** Speech-like: noise whose loudness wanders, the same for the same index. */
function sentAt(index: number): number {
  const noise = Math.sin(index * 12.9898) * 43_758.5453;
  return (noise - Math.floor(noise) - 0.5) * 8_000 * (1 + Math.sin(index / 200));
}

function received(
  newest: number,
  lag: number,
  change: (value: number) => number = (value) => value,
): Float32Array {
  return Float32Array.from({ length: 1_000 }, (_, i) => change(sentAt(newest - lag - 999 + i)));
}

test.each([0, 90, 431, 1_600])('finds a lag of %i steps, also of a quieter copy', (lag) => {
  expect(
    findLag(
      received(9_000, lag, (value) => value * 0.4),
      sentAt,
      9_000,
      1_600,
    ),
  ).toBe(lag);
});

test('does NOT take something else for the signal', () => {
  const other = Float32Array.from({ length: 1_000 }, (_, i) => Math.sin(i / 7) * 3_000);
  expect(findLag(other, sentAt, 9_000, 1_600)).toBeNull();
});

test('does NOT measure silence', () => {
  expect(
    findLag(
      received(9_000, 50, (value) => value / 1_000),
      sentAt,
      9_000,
      1_600,
    ),
  ).toBeNull();
});

test('thins by averaging', () => {
  const out = new Float32Array(2);
  expect(thin(Int16Array.of(1, 3, 10, 20), 2, out)).toBe(2);
  expect([...out]).toEqual([2, 15]);
});
