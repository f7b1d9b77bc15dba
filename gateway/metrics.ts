/** Every metric of the gateway. Seconds and base units; labels are bounded: never a room, a person or a token. */
import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client';
import type { StageTimes } from '../protocol/caption-event.ts';
import { closeCodeOf, VIEWER_RESUMES } from '../protocol/close-codes.ts';
import type { ViewerPainted } from '../protocol/viewer-message.ts';
import type { SlotUse, UnheardSince } from './fanout/agent-loads.ts';
import { paintedLatency } from './fanout/painted-sample.ts';
import { type Exemplar, type Stage, StageHistogram } from './stage-histogram.ts';

/** Dense around the budget of a stage (a few ms) and of the model (hundreds of ms). */
const STAGE_BUCKETS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15, 0.35, 0.6, 1, 2, 5,
];

/** From capture to paint: dense where the objective is (350 ms for half of all frames, 600 ms for nearly all). */
const GLASS_TO_GLASS_BUCKETS_S = [
  0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10,
];

/** A round trip takes a fraction of a millisecond; one that is noticed after 1.5 s at the latest is lost. */
const BUS_CALL_BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

export class GatewayMetrics {
  readonly registry = openMetricsRegistry();

  readonly #stageDurations = new StageHistogram({
    name: 'caption_stage_duration_seconds',
    help: 'Time that a frame of captions spent in each stage: once per frame; transport and paint once per sample.',
    buckets: STAGE_BUCKETS_S,
    registers: [this.registry],
  });
  readonly #stages = {
    rtpPcm: this.#stageDurations.stage('rtp_pcm'),
    queue: this.#stageDurations.stage('queue'),
    model: this.#stageDurations.stage('model'),
    emit: this.#stageDurations.stage('emit'),
    bus: this.#stageDurations.stage('bus'),
    fanout: this.#stageDurations.stage('fanout'),
    socketWrite: this.#stageDurations.stage('socket_write'),
    transport: this.#stageDurations.stage('transport'),
    paint: this.#stageDurations.stage('paint'),
  };
  readonly #glassToGlass = new Histogram({
    name: 'caption_glass_to_glass_seconds',
    help: 'From the capture of the audio to the painting of its words, as sampled by viewers.',
    buckets: GLASS_TO_GLASS_BUCKETS_S,
    registers: [this.registry],
  });
  readonly #samples = this.#counter(
    'caption_viewer_samples_total',
    'Viewers’ samples, by whether believed.',
    ['result'],
  );
  readonly #audioLost = this.#counter('caption_audio_lost_seconds_total', 'Audio that no agent heard.', [
    'why',
  ]);
  readonly #microphonesRefused = this.#counter(
    'caption_microphones_refused_total',
    'Microphones that are not captioned because every slot of their agent was taken.',
    [],
  );
  readonly frames = this.#counter('caption_frames_total', 'Frames from agents, by what became of them.', [
    'result',
  ]);
  readonly sequenceGaps = this.#counter('caption_seq_gaps_total', 'Holes in the numbers of frames.', [
    'where',
  ]);
  readonly recoveries = this.#counter('caption_recoveries_total', 'Viewers that joined, by what they got.', [
    'result',
  ]);
  readonly busReads = this.#counter('caption_bus_reads_total', 'Times that a room was read from Redis.', []);
  readonly busReconnects = this.#counter(
    'caption_bus_reconnects_total',
    'Times that Redis was lost and found again.',
    [],
  );
  readonly busEpochChanges = this.#counter(
    'caption_bus_epoch_changes_total',
    'Rooms that Redis had lost, or held otherwise than their viewers were told.',
    [],
  );
  readonly busCalls = new Histogram({
    name: 'caption_bus_call_seconds',
    help: 'Round trips to Redis that were answered.',
    buckets: BUS_CALL_BUCKETS_S,
    registers: [this.registry],
  });
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
  readonly stepsMerged = this.#counter(
    'caption_fanout_steps_merged_total',
    'Steps that were told in the frame of a later one, because there was no time to write each.',
    [],
  );
  readonly mergeWindow = this.#gauge(
    'caption_fanout_merge_seconds',
    'How long steps of a room wait for each other; 0 unless the event loop is busy.',
    [],
  );
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
    this.#beginAtZero();
  }

  /** A rate sees an increase only from a value that was there before: the first loss must not go unseen. */
  #beginAtZero(): void {
    for (const result of ['taken', 'duplicate', 'superseded', 'over', 'off-record'])
      this.frames.inc({ result }, 0);
    for (const result of ['new', 'recovered', 'incomplete']) this.recoveries.inc({ result }, 0);
    for (const result of ['believed', 'implausible']) this.#samples.inc({ result }, 0);
    for (const result of ['asked', 'waiting', 'empty', 'overtaken', 'failed'])
      this.dispatches.inc({ result }, 0);
    for (const why of ['overload', 'stall']) this.#audioLost.inc({ why }, 0);
    for (const socket of ['captions', 'uplink']) {
      this.accepts.inc({ socket }, 0);
      this.connections.set({ socket }, 0);
    }
    for (const where of ['uplink', 'outbox']) this.sequenceGaps.inc({ where }, 0);
    this.draining.set(0);
  }

  /** Gauges that are read when the metrics are. */
  watch(values: {
    readonly rooms: () => number;
    readonly agents: () => number;
    readonly slots: () => SlotUse;
  }): void {
    const { registry } = this;
    for (const [name, help, read] of [
      ['caption_rooms', 'Rooms whose captions are held.', values.rooms],
      ['caption_agents', 'Agents connected.', values.agents],
      [
        'caption_slots',
        'Speakers that the connected agents can caption at once.',
        () => values.slots().slots,
      ],
      ['caption_slots_used', 'Speakers that they are captioning now.', () => values.slots().slotsUsed],
      ['caption_microphones', 'Microphones in their rooms.', () => values.slots().microphones],
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

  /** Only where there is a Redis: a gateway alone must not look like one that has lost it. */
  watchBus(isReachable: () => boolean): void {
    new Gauge({
      name: 'caption_bus_up',
      help: '1 while Redis can be reached.',
      registers: [this.registry],
      collect() {
        this.set(isReachable() ? 1 : 0);
      },
    });
  }

  /** The other end may close with any code from 3000 to 4999: those that mean nothing here are one. */
  observeClose(socket: 'captions' | 'uplink', code: number): void {
    const isKnown = code < 3_000 || code === VIEWER_RESUMES || closeCodeOf(code) !== undefined;
    this.#closes.inc({ socket, code: isKnown ? String(code) : 'other' });
  }

  /** By the node to which the frame's agent is connected. `exemplar`: of the trace that shows this very frame, if there is one. */
  observeStages(times: StageTimes, exemplar?: Exemplar): void {
    const { readUs, gatheredUs, steppedUs, sentUs, receivedUs } = times;
    const { rtpPcm, queue, model, emit, bus } = this.#stages;
    observeSpan(rtpPcm, 0, readUs, exemplar);
    observeSpan(queue, readUs, gatheredUs, exemplar);
    observeSpan(model, gatheredUs, steppedUs, exemplar);
    observeSpan(emit, steppedUs, sentUs, exemplar);
    observeSpan(bus, sentUs, receivedUs, exemplar);
    this.observeFanout(times, exemplar);
  }

  /** By every node: between several, the way through Redis is part of it. */
  observeFanout({ receivedUs, publishedUs }: StageTimes, exemplar?: Exemplar): void {
    observeSpan(this.#stages.fanout, receivedUs, publishedUs, exemplar);
  }

  /** `nowMs`: when the viewer's sample arrived. */
  observePainted(sample: ViewerPainted, nowMs: number): void {
    const latency = paintedLatency(sample, nowMs);
    this.#samples.inc({ result: latency ? 'believed' : 'implausible' });
    if (!latency) return;
    this.#glassToGlass.observe(latency.totalMs / 1000);
    this.#stages.transport.observe(latency.transportMs / 1000);
    this.#stages.paint.observe(latency.paintMs / 1000);
  }

  /** How long the sockets of one turn of the event loop took to be written. */
  observeWritten(seconds: number): void {
    this.#stages.socketWrite.observe(seconds);
  }

  observeUnheard({ skippedAudioMs, droppedAudioMs, microphonesRefused }: UnheardSince): void {
    this.#audioLost.inc({ why: 'overload' }, skippedAudioMs / 1000);
    this.#audioLost.inc({ why: 'stall' }, droppedAudioMs / 1000);
    this.#microphonesRefused.inc(microphonesRefused);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}

function observeSpan(stage: Stage, fromUs: number, toUs: number, exemplar: Exemplar | undefined): void {
  if (toUs !== 0 && toUs >= fromUs) stage.observe((toUs - fromUs) / 1e6, exemplar);
}

/** The only format with exemplars; Prometheus has read it since 2.5. */
function openMetricsRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
