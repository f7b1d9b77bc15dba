import { expect, test } from 'vitest';
import { captureDelay } from './capture-delay.ts';
import { distribution, latencyReport } from './latency-report.ts';

const times = {
  audioMs: 10_400,
  readUs: 2_000,
  gatheredUs: 12_000,
  steppedUs: 112_000,
  sentUs: 112_500,
  receivedUs: 113_000,
  publishedUs: 113_500,
};
const word = { text: 'hello', startMs: 9_800, endMs: 10_000, shownMs: 10_515, times };

test('the stages of a word add up to its end-to-end latency', () => {
  const report = latencyReport([{ word, captureMs: 45 }]);
  const p50 = Object.fromEntries(Object.entries(report.stages).map(([stage, values]) => [stage, values.p50]));
  expect(p50).toEqual({ capture: 45, frame: 2, queue: 10, step: 100, uplink: 1, fanout: 0.5, viewer: 1.5 });
  // Heard 400 ms beyond the word's end, then queue and step.
  expect(report.modelDelay.p50).toBe(510);
  expect(report.beyondModelAndTransport.p50).toBe(5);
  expect(report.beyondModel.p50).toBe(50);
  expect(report.endToEnd.p50).toBe(560);
});

test('without a measured way of the sound, what needs it is left out', () => {
  const report = latencyReport([{ word, captureMs: null }]);
  expect(report.stages.capture).toEqual({ p50: null, p95: null, max: null });
  expect(report.endToEnd.p50).toBeNull();
  expect(report.beyondModelAndTransport.p50).toBe(5);
});

test('words that came in a welcome have no latency', () => {
  expect(latencyReport([{ word: { ...word, times: null }, captureMs: 45 }]).modelDelay.p50).toBeNull();
});

test('percentiles are of the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(distribution(values)).toEqual({ p50: 50, p95: 95, max: 100 });
  expect(distribution([null, 7.04])).toEqual({ p50: 7, p95: 7, max: 7 });
});

test('the least delay of the last seconds counts, like on the caption clock', () => {
  const measured = new Map([
    [
      'a',
      [
        { atMs: 1_000, delayMs: 30 },
        { atMs: 20_000, delayMs: 80 },
        { atMs: 21_000, delayMs: 60 },
      ],
    ],
  ]);
  expect(captureDelay(measured, 'a', 22_000)).toBe(60);
  expect(captureDelay(measured, 'a', 90_000)).toBe(60);
  expect(captureDelay(measured, 'b', 22_000)).toBe(60);
  expect(captureDelay(new Map(), 'b', 22_000)).toBeNull();
});
