/** When a process that died is started again, and when that is given up. Pure. */

/** A process that lived this long after it was ready died for a new reason: counting starts over. */
export const STABLE_AFTER_MS = 30_000;
/** So many early deaths in a row and a further start would change nothing. */
export const MAX_EARLY_DEATHS = 6;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;

/** At once after the first death, then twice as long each time; null: give up. `deaths` counts from 1. */
export function restartDelayMs(deaths: number): number | null {
  if (deaths > MAX_EARLY_DEATHS) return null;
  if (deaths <= 1) return 0;
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (deaths - 2));
}
