/** All metrics of an agent process, in one registry. Units are in the names; nothing is labelled by room. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SpeechEngine, SpeechOutput } from './speech/speech-engine.ts';

/** Around one step: shorter is comfortable, longer is late. */
const STEP_BUCKETS_S = [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56];

/** What is read at the moment of a scrape. */
export interface AgentGauges {
  readonly engine: SpeechEngine;
  readonly rooms: () => number;
  readonly microphones: () => number;
  readonly uplinkOpen: () => boolean;
  readonly uplinkHeldBytes: () => number;
  readonly uplinkBufferedBytes: () => number;
  readonly registered: () => boolean;
}

export class AgentMetrics {
  readonly registry = new Registry();
  readonly #queueSeconds = this.#histogram(
    'queue',
    'From the microphone reader to the start of a model step',
  );
  readonly #stepSeconds = this.#histogram('step', 'One model step: encode and decode');
  readonly #framesSent = this.#counter('uplink_frames_sent_total', 'Frames written to the gateway');
  readonly #framesLost = this.#counter(
    'uplink_frames_lost_total',
    'Frames dropped before any gateway had acknowledged them: lost captions',
  );
  readonly #audioDroppedSeconds = this.#counter(
    'audio_dropped_seconds_total',
    'Audio dropped unheard because the process stood still',
  );
  readonly #microphonesRefused = this.#counter(
    'microphones_refused_total',
    'Microphones that are not captioned because the engine had no stream left',
  );
  readonly #transcriptionsDropped = this.#counter(
    'transcriptions_dropped_total',
    'Phrases for LiveKit transcription receivers that could not be sent',
  );
  readonly #jobs = new Counter({
    name: 'surtitre_agent_jobs_total',
    help: 'Rooms taken, by how they ended',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  handleOutput({ readMs, gatheredMs, steppedMs }: SpeechOutput): void {
    this.#queueSeconds.observe(Math.max(0, gatheredMs - readMs) / 1000);
    this.#stepSeconds.observe(Math.max(0, steppedMs - gatheredMs) / 1000);
  }

  handleFrameSent(): void {
    this.#framesSent.inc();
  }

  handleFramesLost(count: number): void {
    this.#framesLost.inc(count);
  }

  handleAudioDropped(audioMs: number): void {
    this.#audioDroppedSeconds.inc(audioMs / 1000);
  }

  handleMicrophoneRefused(): void {
    this.#microphonesRefused.inc();
  }

  handleTranscriptionsDropped(count: number): void {
    this.#transcriptionsDropped.inc(count);
  }

  handleJobEnded(outcome: 'success' | 'failed'): void {
    this.#jobs.inc({ outcome });
  }

  /** Called once, when all parts exist. */
  observe(gauges: AgentGauges): void {
    const { engine } = gauges;
    this.#gauge('rooms', 'Rooms joined or being joined', gauges.rooms);
    this.#gauge('microphones', 'Published microphones in those rooms', gauges.microphones);
    this.#gauge('registered', '1 while registered with the LiveKit server', () =>
      Number(gauges.registered()),
    );
    this.#gauge('uplink_open', '1 while the gateway is connected', () => Number(gauges.uplinkOpen()));
    this.#gauge('uplink_held_bytes', 'Frames held for a gateway that comes back', gauges.uplinkHeldBytes);
    this.#gauge('uplink_buffered_bytes', 'Written but not yet taken by the network', () => {
      return gauges.uplinkBufferedBytes();
    });
    this.#gauge('engine_open_streams', 'Streams open in the engine', () => engine.stats().openStreams);
    this.#gauge('engine_active_streams', 'Streams in speech', () => engine.stats().activeStreams);
    this.#gauge('engine_max_active_streams', 'Streams that the engine can carry in speech', () => {
      return engine.stats().maxActiveStreams;
    });
    this.#gauge('engine_busy_ratio', 'Busy share of the model thread', () => engine.stats().busy);
    this.#gauge('engine_steps', 'Model steps since start', () => engine.stats().steps);
    this.#gauge('engine_missed_deadlines', 'Model steps that ended late, since start', () => {
      return engine.stats().missedDeadlines;
    });
    this.#gauge('engine_skipped_audio_seconds', 'Audio skipped under overload, since start', () => {
      return engine.stats().skippedAudioMs / 1000;
    });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: `surtitre_agent_${name}`, help, registers: [this.registry] });
  }

  #histogram(stage: string, help: string): Histogram {
    const name = `surtitre_agent_${stage}_seconds`;
    return new Histogram({ name, help, buckets: STEP_BUCKETS_S, registers: [this.registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    const collect = function (this: Gauge) {
      this.set(read());
    };
    new Gauge({ name: `surtitre_agent_${name}`, help, registers: [this.registry], collect });
  }
}
