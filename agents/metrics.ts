/** All metrics of an agent process, in one registry. Units are in the names; nothing is labelled by room. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MoshiServerStats } from './moshi-server/moshi-server.ts';
import type { MoshiCounters } from './speech/moshi/moshi-engine.ts';
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
    'queue_seconds',
    'From the microphone reader to the start of a model step',
  );
  readonly #stepSeconds = this.#histogram('step_seconds', 'One model step: encode and decode');
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
    name: 'caption_agent_jobs_total',
    help: 'Rooms taken, by how they ended',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  #unheard = { droppedAudioMs: 0, microphonesRefused: 0 };

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Since the process started, for the gateway. */
  get unheard(): { readonly droppedAudioMs: number; readonly microphonesRefused: number } {
    return this.#unheard;
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
    this.#unheard.droppedAudioMs += audioMs;
    this.#audioDroppedSeconds.inc(audioMs / 1000);
  }

  handleMicrophoneRefused(): void {
    this.#unheard.microphonesRefused += 1;
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
    this.#gauge(
      'uplink_buffered_bytes',
      'Written but not yet taken by the network',
      gauges.uplinkBufferedBytes,
    );
    this.#gauge('streams', 'Streams open in the engine', () => engine.stats().openStreams);
    this.#gauge('slots_used', 'Streams in speech', () => engine.stats().activeStreams);
    this.#gauge(
      'slots',
      'Streams that the engine can carry in speech',
      () => engine.stats().maxActiveStreams,
    );
    this.#gauge('busy_ratio', 'Busy share of the model thread', () => engine.stats().busy);
    this.#total('steps_total', 'Model steps', () => engine.stats().steps);
    this.#total(
      'missed_deadlines_total',
      'Model steps that ended late',
      () => engine.stats().missedDeadlines,
    );
    this.#total(
      'skipped_audio_seconds_total',
      'Audio skipped under overload',
      () => engine.stats().skippedAudioMs / 1000,
    );
  }

  /** Only where moshi-servers hear for this process. */
  observeMoshi(read: () => MoshiCounters): void {
    this.#total('moshi_full_total', 'Times a speaker found every stream of the servers taken', () => {
      return read().full;
    });
    this.#total('moshi_lost_connections_total', 'Connections that broke', () => read().lostConnections);
    this.#total('moshi_wordless_total', 'Streams begun anew because no word came from speech', () => {
      return read().wordless;
    });
  }

  /** Only where this process serves its engine to moshi's clients. */
  observeMoshiServer(read: () => MoshiServerStats): void {
    this.#gauge('moshi_server_streams', 'Clients with a stream', () => read().streams);
    this.#total('moshi_server_full_total', 'Clients that found every stream taken', () => read().full);
    this.#total('moshi_server_refused_keys_total', 'Requests with a wrong key, or none', () => {
      return read().refusedKeys;
    });
    this.#total('moshi_server_too_slow_total', 'Clients closed because they did not read', () => {
      return read().tooSlow;
    });
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name: `caption_agent_${name}`, help, registers: [this.registry] });
  }

  #histogram(name: string, help: string): Histogram {
    return new Histogram({
      name: `caption_agent_${name}`,
      help,
      buckets: STEP_BUCKETS_S,
      registers: [this.registry],
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    const collect = function (this: Gauge) {
      this.set(read());
    };
    new Gauge({ name: `caption_agent_${name}`, help, registers: [this.registry], collect });
  }

  /** A counter whose value the engine keeps. */
  #total(name: string, help: string, read: () => number): void {
    const collect = function (this: Counter) {
      this.reset();
      this.inc(read());
    };
    new Counter({ name: `caption_agent_${name}`, help, registers: [this.registry], collect });
  }
}
