import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paintedLatency } from './painted-sample.ts';

const T = 1_700_000_000_000;

describe('the latency that a viewer’s sample tells', () => {
  it('is what it was, where the way back is as long as the way there', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(500), fc.nat(100), (publishedMs, wayMs, paintMs) => {
        const sample = {
          type: 'painted',
          audioMs: T,
          publishedUs: publishedMs * 1000,
          heldUs: paintMs * 1000,
        } as const;
        const latency = paintedLatency(sample, T + publishedMs + wayMs + paintMs + wayMs);
        expect(latency?.totalMs).toBeCloseTo(publishedMs + wayMs + paintMs, 3);
        expect(latency?.transportMs).toBeCloseTo(wayMs, 3);
        expect(latency?.paintMs).toBe(paintMs);
      }),
    );
  });

  it('is nothing when the sample cannot be true', () => {
    const sample = (publishedUs: number, heldUs: number) =>
      paintedLatency({ type: 'painted', audioMs: T, publishedUs, heldUs }, T + 1_000);
    expect(sample(900_000, 20_000)).not.toBeNull();
    expect(sample(2_000_000, 0)).toBeNull();
    expect(sample(900_000, 2_000_000)).toBeNull();
    expect(sample(0, 0)).not.toBeNull();
    expect(
      paintedLatency({ type: 'painted', audioMs: 0, publishedUs: 0, heldUs: 0 }, T),
      'an hour in a closed laptop',
    ).toBeNull();
  });
});
