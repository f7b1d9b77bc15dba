import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gainedCounts, quantileOf } from './window-quantile.ts';

const boundsS = [0.1, 0.2, 0.5];

describe('quantiles of a window', () => {
  it('lie where the observations are', () => {
    const counts = [10, 90, 100, 100];
    expect(quantileOf(counts, boundsS, 0.5)).toBeCloseTo(0.15);
    expect(quantileOf(counts, boundsS, 0.95)).toBeCloseTo(0.35);
  });

  it('never fall as the quantile grows, nor leave the bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 4, maxLength: 4 }), (inBuckets) => {
        const counts = inBuckets.map((_, index) => inBuckets.slice(0, index + 1).reduce((a, b) => a + b, 0));
        fc.pre((counts.at(-1) ?? 0) > 0);
        const values = [0, 0.1, 0.5, 0.9, 0.99, 1].map((quantile) => quantileOf(counts, boundsS, quantile));
        expect([...values].sort((a, b) => a - b)).toEqual(values);
        expect(values.every((value) => value >= 0 && value <= 0.5)).toBe(true);
      }),
    );
  });

  it('are of what was gained, and of nothing when the totals began again', () => {
    const histogram = (...counts: number[]) => ({ name: 'model', boundsS, counts });
    expect(gainedCounts(histogram(1, 2, 3, 4), histogram(1, 4, 5, 6))).toEqual([0, 2, 2, 2]);
    expect(gainedCounts(undefined, histogram(1, 2, 3, 4))).toEqual([1, 2, 3, 4]);
    expect(gainedCounts(histogram(1, 2, 3, 4), histogram(1, 2, 3, 4))).toBeNull();
    expect(gainedCounts(histogram(9, 9, 9, 9), histogram(1, 1, 1, 1))).toBeNull();
  });
});
