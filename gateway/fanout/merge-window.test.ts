import { expect, it } from 'vitest';
import { MergeWindow } from './merge-window.ts';

function windowAfter(...readings: readonly number[]): number {
  const window = new MergeWindow({ maxMs: 200 });
  for (const reading of readings) window.take(reading);
  return window.ms;
}

const calm = (readings: number) => new Array<number>(readings).fill(0.39);

it('is closed until the event loop has been busy for two readings in a row', () => {
  expect(windowAfter()).toBe(0);
  expect(windowAfter(0.8, 0.79, 0.81, 0.8, 0.81, 0.5)).toBe(0);
  expect(windowAfter(0.81, 0.81)).toBe(100);
});

it('opens with every second busy reading, as far as three steps', () => {
  expect(windowAfter(1, 1, 1)).toBe(100);
  expect(windowAfter(1, 1, 0.6, 1, 1)).toBe(200);
  expect(windowAfter(1, 1, 1, 1, 1, 1)).toBe(200);
});

it('closes by one step after a second of calm, and does NOT flap before', () => {
  expect(windowAfter(1, 1, ...calm(3))).toBe(100);
  expect(windowAfter(1, 1, ...calm(3), 0.5, ...calm(3))).toBe(100);
  expect(windowAfter(1, 1, 1, 1, ...calm(4))).toBe(100);
  expect(windowAfter(1, 1, 1, 1, ...calm(8))).toBe(0);
});

it('tells of each change once', () => {
  const told: number[] = [];
  const window = new MergeWindow({ maxMs: 200, onChange: (ms) => told.push(ms) });
  for (const reading of [1, 1, 1, 1, 1, 1, ...calm(12)]) window.take(reading);
  expect(told).toEqual([100, 200, 100, 0]);
});
