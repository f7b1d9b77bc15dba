/**
 * What a viewer's sample says of the way from the microphone to the screen, without trusting any clock of the
 * viewer's: it was published, travelled, waited to be painted, and the sample travelled back. The way back is taken
 * to be half of the time on the way.
 */
import type { ViewerPainted } from '../../protocol/viewer-message.ts';

export interface PaintedLatency {
  /** From the capture of the audio to the paint. */
  readonly totalMs: number;
  /** From publishing to arrival, network and the viewer's queue included. */
  readonly transportMs: number;
  /** From arrival to paint. */
  readonly paintMs: number;
}

/** Beyond these it is no measurement: a laptop that slept, a clock that was set, or made up. */
const LONGEST_TOTAL_MS = 60_000;
const LONGEST_TRIP_MS = 20_000;
/** The publishing gateway may be another one, whose clock is a little ahead. */
const CLOCK_TOLERANCE_MS = 20;

/** Null when the sample cannot be true. `nowMs`: when it arrived here. */
export function paintedLatency(sample: ViewerPainted, nowMs: number): PaintedLatency | null {
  const publishedMs = sample.publishedUs / 1000;
  const paintMs = sample.heldUs / 1000;
  const tripMs = nowMs - sample.audioMs - publishedMs - paintMs;
  if (tripMs < -CLOCK_TOLERANCE_MS || tripMs > LONGEST_TRIP_MS) return null;
  const transportMs = Math.max(0, tripMs) / 2;
  const totalMs = publishedMs + transportMs + paintMs;
  return totalMs > LONGEST_TOTAL_MS ? null : { totalMs, transportMs, paintMs };
}
