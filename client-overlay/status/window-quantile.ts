/** Quantiles of what a cumulative histogram gained between two readings, as Prometheus estimates them. Pure. */
import type { LatencyHistogram } from '../../protocol/operator-api.ts';

/** Observations between two readings; null where nothing was observed, or the process has restarted in between. */
export function gainedCounts(before: LatencyHistogram | undefined, after: LatencyHistogram): number[] | null {
  const gained = after.counts.map((count, index) => count - (before?.counts[index] ?? 0));
  const all = gained.at(-1) ?? 0;
  return all > 0 && gained.every((count) => count >= 0) ? gained : null;
}

/** In seconds, interpolated inside its bucket; beyond the last finite bound it is that bound. */
export function quantileOf(counts: readonly number[], boundsS: readonly number[], quantile: number): number {
  const rank = quantile * (counts.at(-1) ?? 0);
  const bucket = counts.findIndex((count) => count >= rank);
  const upper = boundsS[bucket];
  if (upper === undefined) return boundsS.at(-1) ?? 0;
  const lower = bucket === 0 ? 0 : (boundsS[bucket - 1] ?? 0);
  const below = bucket === 0 ? 0 : (counts[bucket - 1] ?? 0);
  const inside = (counts[bucket] ?? 0) - below;
  return inside === 0 ? upper : lower + ((upper - lower) * (rank - below)) / inside;
}
