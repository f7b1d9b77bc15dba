/**
 * How long to wait before the n-th attempt to reconnect: doubles from `minMs` to `maxMs` and takes a random
 * half of it away, so that the many clients of a server that restarted do not come back at the same moment.
 */
export interface DelayRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** `attempt` counts from 0; `random` is uniform in [0, 1). */
export function reconnectDelayMs(attempt: number, range: DelayRange, random: number): number {
  const ceilingMs = Math.min(range.maxMs, range.minMs * 2 ** Math.min(attempt, 20));
  return Math.round(ceilingMs * (0.5 + random / 2));
}
