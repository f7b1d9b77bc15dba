/** Medians, and how sure one may be of the ratio of two. */
import { SeededRandom } from './faults/seeded-random.ts';
import { percentile } from './percentile.ts';

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export interface Ratio {
  readonly ratio: number;
  /** 95 % bootstrap interval of the ratio of medians. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 5_000;

/** Of two series whose members with the same index were measured one after the other. */
export function ratioOfMedians(of: readonly number[], to: readonly number[]): Ratio {
  // The same resamples each time.
  const random = new SeededRandom(1);
  const ratios = Array.from({ length: RESAMPLES }, () => {
    const picks = of.map(() => random.integer(0, of.length - 1));
    return median(picks.map((pick) => of[pick] ?? 0)) / median(picks.map((pick) => to[pick] ?? 0));
  });
  return {
    ratio: rounded(median(of) / median(to)),
    low: rounded(percentile(ratios, 0.025)),
    high: rounded(percentile(ratios, 0.975)),
  };
}

export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}
