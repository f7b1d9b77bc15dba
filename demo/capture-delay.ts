/** The way from a microphone to the agent's caption clock, as measured by the transport probe. Pure. */
import { median } from './latency-report.ts';
import type { MeasuredDelay } from './transport-probe.ts';

/** The caption clock follows the least delay of the last five seconds. */
const BEFORE_MS = 6_000;
const AFTER_MS = 2_000;

/** Least delay around that moment; else the typical one of this track, else of all; null without any. */
export function captureDelay(
  measured: ReadonlyMap<string, readonly MeasuredDelay[]>,
  identity: string,
  atMs: number,
): number | null {
  const own = measured.get(identity) ?? [];
  const near = own.filter((delay) => delay.atMs > atMs - BEFORE_MS && delay.atMs < atMs + AFTER_MS);
  if (near.length > 0) return Math.min(...near.map(({ delayMs }) => delayMs));
  return typical(own) ?? typical([...measured.values()].flat());
}

function typical(delays: readonly MeasuredDelay[]): number | null {
  return median(delays.map(({ delayMs }) => delayMs));
}
