/** Every metric of the gateway. Seconds and base units; labels are bounded: never a room, a person or a token. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StageTimes } from '../protocol/caption-event.ts';
import { closeCodeOf, VIEWER_RESUMES } from '../protocol/close-codes.ts';

/** Dense around the budget of a stage (a few ms) and of the model (hundreds of ms). */
const STAGE_BUCKETS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15, 0.35, 0.6, 1, 2, 5,
];

export class GatewayMetrics {
  readonly registry = new Registry();

  readonly #stages = new Histogram({
    name: 'caption_stage_duration_seconds',
    help: 'Time that a frame of captions spent in each stage. bus: agent to gateway. Observed once per frame.',
    labelNames: ['stage'] as const,
    buckets: STAGE_BUCKETS_S,
    registers: [this.registry],
  });
  readonly frames = this.#counter('caption_frames_total', 'Frames from agents, by what became of them.', [
    'result',
  ]);
  readonly sequenceGaps = this.#counter('caption_seq_gaps_total', 'Holes in the numbers of frames.', [
    'where',
  ]);
  readonly recoveries = this.#counter('caption_recoveries_total', 'Viewers that joined, by what they got.', [
    'result',
  ]);
  readonly connections = this.#gauge('caption_ws_connections', 'Open WebSockets.', ['socket']);
  readonly accepts = this.#counter('caption_ws_accepts_total', 'WebSockets accepted.', ['socket']);
  readonly #closes = this.#counter('caption_ws_closes_total', 'WebSockets closed, by code.', [
    'socket',
    'code',
  ]);
  readonly authFailures = this.#counter('caption_auth_failures_total', 'Refused connections and requests.', [
    'reason',
  ]);
  readonly deliveries = this.#counter(
    'caption_ws_deliveries_total',
    'Messages handed to viewers’ sockets.',
    [],
  );
  readonly bytes = this.#counter('caption_ws_bytes_total', 'Payload bytes handed to viewers’ sockets.', []);
  readonly slowCloses = this.#counter('caption_ws_slow_closes_total', 'Viewers closed as too slow.', []);
  readonly bufferedBytes = this.#gauge('caption_ws_buffered_bytes', 'Bytes waiting for slow viewers.', []);
  readonly draining = this.#gauge('caption_draining', '1 while the gateway moves its viewers away.', []);
  readonly dispatches = this.#counter('caption_dispatches_total', 'Agents asked for, by outcome.', [
    'result',
  ]);
  readonly takeoverSeconds = new Histogram({
    name: 'caption_agent_wait_seconds',
    help: 'From the moment a room wanted an agent to its first sign of life.',
    labelNames: ['why'] as const,
    buckets: [0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 20, 60],
    registers: [this.registry],
  });
  readonly webhooks = this.#counter('livekit_webhooks_total', 'Webhooks received from LiveKit.', ['event']);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Gauges that are read when the metrics are. */
  watch(values: { readonly rooms: () => number; readonly agents: () => number }): void {
    const { registry } = this;
    for (const [name, help, read] of [
      ['caption_rooms', 'Rooms whose captions are held.', values.rooms],
      ['caption_agents', 'Agents connected.', values.agents],
    ] as const) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    }
  }

  /** The other end may close with any code from 3000 to 4999: those that mean nothing here are one. */
  observeClose(socket: 'captions' | 'uplink', code: number): void {
    const isKnown = code < 3_000 || code === VIEWER_RESUMES || closeCodeOf(code) !== undefined;
    this.#closes.inc({ socket, code: isKnown ? String(code) : 'other' });
  }

  observeStages(times: StageTimes): void {
    const { readUs, gatheredUs, steppedUs, sentUs, receivedUs, publishedUs } = times;
    this.#observe('rtp_pcm', 0, readUs);
    this.#observe('queue', readUs, gatheredUs);
    this.#observe('model', gatheredUs, steppedUs);
    this.#observe('emit', steppedUs, sentUs);
    this.#observe('bus', sentUs, receivedUs);
    this.#observe('fanout', receivedUs, publishedUs);
  }

  #observe(stage: string, fromUs: number, toUs: number): void {
    if (toUs > 0 && toUs >= fromUs) this.#stages.observe({ stage }, (toUs - fromUs) / 1e6);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
