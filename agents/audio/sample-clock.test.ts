import { describe, expect, it } from 'vitest';
import { SampleClock } from './sample-clock.ts';

const FRAME_MS = 80;
const SAMPLES = 1280;

function run(clock: SampleClock, arrivals: readonly number[]): number[] {
  return arrivals.map((readMs) => clock.handleFrame(SAMPLES, readMs));
}

/** Deterministic jitter from 0 to `most` ms. */
const jitter = (index: number, most: number) => ((index * 7919) % 101) * (most / 100);

describe('the sample clock', () => {
  it('starts a frame length before its arrival', () => {
    expect(new SampleClock(16_000, FRAME_MS).handleFrame(SAMPLES, 10_000)).toBe(9_920);
  });

  it('spaces frames evenly although they arrive with jitter, from the least delay seen', () => {
    const clock = new SampleClock(16_000, FRAME_MS);
    const arrivals = Array.from({ length: 200 }, (_, i) => 1000 + i * FRAME_MS + jitter(i + 1, 40));
    const starts = run(clock, arrivals);
    const last = starts.slice(-50).map((startMs, i) => startMs - (1000 + (149 + i) * FRAME_MS));
    for (const errorMs of last) expect(Math.abs(errorMs)).toBeLessThan(12);
    for (let i = 1; i < starts.length; i += 1) {
      expect(Math.abs((starts[i] ?? 0) - (starts[i - 1] ?? 0) - FRAME_MS)).toBeLessThanOrEqual(2);
    }
  });

  it('keeps its anchor through a stall of the reader: late frames come in a burst', () => {
    const clock = new SampleClock(16_000, FRAME_MS);
    const arrivals = Array.from({ length: 100 }, (_, i) => Math.max(1000 + i * FRAME_MS, i > 20 ? 5_600 : 0));
    const starts = run(clock, arrivals);
    starts.forEach((startMs, i) => {
      expect(startMs).toBeCloseTo(1000 + (i - 1) * FRAME_MS, 3);
    });
  });

  it('jumps when audio was missing: everything after it stays late', () => {
    const clock = new SampleClock(16_000, FRAME_MS);
    const arrivals = Array.from({ length: 60 }, (_, i) => 1000 + i * FRAME_MS + (i >= 30 ? 900 : 0));
    const starts = run(clock, arrivals);
    expect(starts[59]).toBeCloseTo(1000 + 58 * FRAME_MS + 900, 3);
    const jumps = starts.filter((startMs, i) => i > 0 && startMs - (starts[i - 1] ?? 0) > 1.5 * FRAME_MS);
    expect(jumps).toHaveLength(1);
  });

  it('follows a slow drift of the publisher’s clock in either direction', () => {
    for (const drift of [1.0005, 0.9995]) {
      const clock = new SampleClock(16_000, FRAME_MS);
      const arrivals = Array.from({ length: 7_500 }, (_, i) => 1000 + i * FRAME_MS * drift + jitter(i, 10));
      const starts = run(clock, arrivals);
      expect(Math.abs((starts.at(-1) ?? 0) + FRAME_MS - (arrivals.at(-1) ?? 0))).toBeLessThan(25);
    }
  });
});
