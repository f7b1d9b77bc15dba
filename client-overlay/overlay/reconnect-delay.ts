/** How long a viewer waits before it connects again: exponential with full jitter, so that a crowd spreads. */

export const MIN_DELAY_MS = 200;
export const MAX_DELAY_MS = 5_000;

/** `attempt` counts from 0; `random` is in [0, 1). */
export function reconnectDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** (Math.min(attempt, 16) + 1));
  return MIN_DELAY_MS + random * (ceiling - MIN_DELAY_MS);
}
