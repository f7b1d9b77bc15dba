/** The gateway's metrics as the status page wants them. Pure: a reading of the registry in, one object out. */
import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { LatencyHistogram, OperatorStatus } from '../../protocol/operator-api.ts';

export type MetricReading = readonly MetricObjectWithValues<MetricValue<string>>[];

export interface GatewayIdentity {
  readonly node: string;
  readonly startedAtMs: number;
}

export function operatorStatus(
  reading: MetricReading,
  { node, startedAtMs }: GatewayIdentity,
  nowMs: number,
): OperatorStatus {
  const total = (name: string, labels: Record<string, string> = {}): number =>
    valuesOf(reading, name)
      .filter((value) => Object.entries(labels).every(([label, wanted]) => value.labels[label] === wanted))
      .reduce((sum, { value }) => sum + value, 0);
  return {
    atMs: nowMs,
    startedAtMs,
    node,
    latencies: [
      ...histograms(reading, 'caption_glass_to_glass_seconds', () => 'glass_to_glass'),
      ...histograms(reading, 'caption_stage_duration_seconds', (labels) => String(labels.stage)),
    ],
    now: {
      rooms: total('caption_rooms'),
      viewers: total('caption_ws_connections', { socket: 'captions' }),
      agents: total('caption_agents'),
      slots: total('caption_slots'),
      slotsUsed: total('caption_slots_used'),
      microphones: total('caption_microphones'),
      bufferedBytes: total('caption_ws_buffered_bytes'),
      draining: total('caption_draining') > 0,
    },
    totals: {
      frames: total('caption_frames_total', { result: 'taken' }),
      deliveries: total('caption_ws_deliveries_total'),
      lostFrames: total('caption_seq_gaps_total'),
      incompleteRecoveries: total('caption_recoveries_total', { result: 'incomplete' }),
      slowViewers: total('caption_ws_slow_closes_total'),
      lostAudioS: total('caption_audio_lost_seconds_total'),
      refusedMicrophones: total('caption_microphones_refused_total'),
      refusals: total('caption_auth_failures_total'),
    },
  };
}

type Labelled = MetricValue<string> & { readonly metricName?: string };

/** Once OpenMetrics was written, the library has taken `_total` off the names of counters. */
function valuesOf(reading: MetricReading, name: string): readonly Labelled[] {
  const bare = name.replace(/_total$/, '');
  const metric = reading.find((candidate) => candidate.name === name || candidate.name === bare);
  return metric?.values ?? [];
}

function histograms(
  reading: MetricReading,
  name: string,
  nameOf: (labels: MetricValue<string>['labels']) => string,
): LatencyHistogram[] {
  const found = new Map<string, { boundsS: number[]; counts: number[] }>();
  for (const { metricName, labels, value } of valuesOf(reading, name)) {
    if (metricName !== `${name}_bucket`) continue;
    const key = nameOf(labels);
    const histogram = found.get(key) ?? { boundsS: [], counts: [] };
    found.set(key, histogram);
    if (labels.le !== '+Inf') histogram.boundsS.push(Number(labels.le));
    histogram.counts.push(value);
  }
  return [...found].map(([key, histogram]) => ({ name: key, ...histogram }));
}
