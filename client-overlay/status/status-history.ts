/**
 * The readings of the last minutes and what follows from them: quantiles over a sliding minute, and what was lost in
 * it. A gateway that restarted begins anew. Holds {@link MAX_READINGS}; the oldest go.
 */
import type { LatencyHistogram, OperatorStatus } from '../../protocol/operator-api.ts';
import { gainedCounts, quantileOf } from './window-quantile.ts';

/** Ten minutes at one reading every two seconds. */
const MAX_READINGS = 300;
const WINDOW_MS = 60_000;

export interface LatencyPoint {
  readonly p50S: number;
  readonly p95S: number;
}

export interface HistoryPoint {
  readonly atMs: number;
  /** By name of the latency; those of which nothing was observed in the minute are not there. */
  readonly latencies: ReadonlyMap<string, LatencyPoint>;
}

export type Totals = OperatorStatus['totals'];

export class StatusHistory {
  #readings: OperatorStatus[] = [];
  #points: HistoryPoint[] = [];

  get points(): readonly HistoryPoint[] {
    return this.#points;
  }

  get newest(): OperatorStatus | undefined {
    return this.#readings.at(-1);
  }

  add(reading: OperatorStatus): void {
    if (this.newest && this.newest.startedAtMs !== reading.startedAtMs) this.#readings = [];
    this.#readings.push(reading);
    if (this.#readings.length > MAX_READINGS) this.#readings.shift();
    this.#points.push({ atMs: reading.atMs, latencies: this.#latenciesAt(reading) });
    if (this.#points.length > MAX_READINGS) this.#points.shift();
  }

  /** What each total gained in the last minute, or since the first reading if that is later. */
  lastMinute(): Totals {
    const { newest } = this;
    const before = newest && this.#minuteBefore(newest);
    const gained = { ...ZERO };
    if (!newest || !before) return gained;
    for (const key of Object.keys(gained) as (keyof Totals)[]) {
      gained[key] = newest.totals[key] - before.totals[key];
    }
    return gained;
  }

  #latenciesAt(reading: OperatorStatus): ReadonlyMap<string, LatencyPoint> {
    const before = this.#minuteBefore(reading);
    const latencies = new Map<string, LatencyPoint>();
    for (const histogram of reading.latencies) {
      const counts = gainedCounts(histogramIn(before, histogram.name), histogram);
      if (!counts) continue;
      const at = (quantile: number): number => quantileOf(counts, histogram.boundsS, quantile);
      latencies.set(histogram.name, { p50S: at(0.5), p95S: at(0.95) });
    }
    return latencies;
  }

  #minuteBefore({ atMs }: OperatorStatus): OperatorStatus | undefined {
    return this.#readings.find((reading) => reading.atMs >= atMs - WINDOW_MS && reading.atMs < atMs);
  }
}

const ZERO: Totals = {
  frames: 0,
  deliveries: 0,
  lostFrames: 0,
  incompleteRecoveries: 0,
  slowViewers: 0,
  lostAudioS: 0,
  refusedMicrophones: 0,
  refusals: 0,
};

function histogramIn(reading: OperatorStatus | undefined, name: string): LatencyHistogram | undefined {
  return reading?.latencies.find((histogram) => histogram.name === name);
}
