/** Medians, and how sure one may be of the ratio of two. */
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
  const random = generator(1);
  const ratios = Array.from({ length: RESAMPLES }, () => {
    const picks = of.map(() => Math.floor(random() * of.length));
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

/** Mulberry32: the same resamples each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
