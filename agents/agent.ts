/**
 * A captioning agent around a warm engine: takes rooms from LiveKit and sends captions to the gateway. `main.ts`
 * runs one a process; tests run it with an engine of their own.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from '../runtime/log.ts';
import { frameLengthMs } from './audio/frame-length.ts';
import { UtteranceIds } from './captions/utterance-ids.ts';
import type { AgentConfig } from './config.ts';
import { agentErrors } from './errors.ts';
import { WorkerSocket } from './livekit/worker-socket.ts';
import { AgentMetrics } from './metrics.ts';
import { RoomRoster } from './room-roster.ts';
import type { SpeechEngine } from './speech/speech-engine.ts';
import { GatewayUplink } from './uplink/gateway-uplink.ts';

const VERSION = '0.1.0';
/** Parts of the 5 s that an orderly end may take. */
const LAST_WORDS_DEADLINE_MS = 2_000;
const UPLINK_DEADLINE_MS = 1_000;
/** How often the gateway, and with it the status page, hears how busy the agent is. */
const LOAD_INTERVAL_MS = 1_000;

export interface AgentOptions {
  readonly config: AgentConfig;
  readonly engine: SpeechEngine;
  readonly metrics?: AgentMetrics;
  readonly log: Logger;
  /** The agent can no longer work; its owner ends the process. */
  readonly onFailed: (error: Error) => void;
}

export interface Agent {
  /** Resolves once rooms can be taken: LiveKit knows the worker. */
  readonly ready: Promise<void>;
  /** What keeps rooms from being taken now; empty when nothing does. */
  missing(): readonly string[];
  /** Says the last words, leaves all rooms, closes everything but the engine. */
  close(): Promise<void>;
}

export function startAgent({
  config,
  engine,
  metrics = new AgentMetrics(),
  log,
  onFailed,
}: AgentOptions): Agent {
  const ids = new UtteranceIds();
  const uplink = new GatewayUplink({
    url: config.uplinkUrl,
    apiSecret: config.livekitApiSecret,
    agentId: config.agentId,
    sessionId: randomUUID(),
    maxTotalBytes: config.maxHeldBytes,
    log,
    onFrameSent: () => metrics.handleFrameSent(),
    onFramesLost: (count) => metrics.handleFramesLost(count),
  });
  const roster = new RoomRoster({
    agentName: config.agentName,
    language: config.language,
    publishTranscription: config.publishTranscription,
    pipelines: {
      engine,
      frameMs: () => config.frameMs || frameLengthMs(roster.microphones),
      nextUtterance: () => ids.next(),
      onAudioDropped: (audioMs) => metrics.handleAudioDropped(audioMs),
      onMicrophoneRefused: () => metrics.handleMicrophoneRefused(),
      onOutput: (output) => metrics.handleOutput(output),
    },
    uplink,
    log,
    onTranscriptionsDropped: (count) => metrics.handleTranscriptionsDropped(count),
    onJobEnded: (jobId, outcome, error) => {
      metrics.handleJobEnded(outcome);
      worker.finish(jobId, outcome, error);
    },
  });
  let registeredBefore = false;
  let handleRegistered = () => {};
  const ready = new Promise<void>((resolve) => {
    handleRegistered = resolve;
  });
  const worker = new WorkerSocket({
    url: config.livekitUrl,
    apiKey: config.livekitApiKey,
    apiSecret: config.livekitApiSecret,
    agentName: config.agentName,
    version: VERSION,
    permissions: { canSubscribe: true, canPublishData: true, hidden: true },
    maxJobs: config.maxRooms,
    log,
    load: () => engineLoad(engine),
    onOffer: (job) => roster.answer(job),
    onAssigned: (job, access) => void roster.take(job, access),
    onTerminated: (jobId) => roster.terminate(jobId),
    onStateChanged: (state) => {
      if (state !== 'registered') return;
      registeredBefore = true;
      handleRegistered();
    },
    // A key that worked once may do so again, and the running rooms do not need it.
    onRefused: (status) => {
      if (!registeredBefore) onFailed(agentErrors.keyRefused(status));
    },
  });
  metrics.observe({
    engine,
    rooms: () => roster.rooms,
    microphones: () => roster.microphones,
    uplinkOpen: () => uplink.state === 'open',
    uplinkHeldBytes: () => uplink.heldBytes,
    uplinkBufferedBytes: () => uplink.bufferedBytes,
    registered: () => worker.state === 'registered',
  });
  const telling = setInterval(() => {
    const { activeStreams, maxActiveStreams, skippedAudioMs } = engine.stats();
    const { droppedAudioMs, microphonesRefused } = metrics.unheard;
    uplink.tellLoad({
      slotsUsed: activeStreams,
      slots: maxActiveStreams,
      microphones: roster.microphones,
      skippedAudioMs: Math.round(skippedAudioMs),
      droppedAudioMs: Math.round(droppedAudioMs),
      microphonesRefused,
    });
  }, LOAD_INTERVAL_MS);
  engine.onStepDone(() => roster.handleStepDone());
  engine.onFailed((error) => onFailed(agentErrors.engineFailed(error)));
  uplink.connect();
  worker.connect();

  async function close(): Promise<void> {
    worker.drain();
    clearInterval(telling);
    await roster.close(LAST_WORDS_DEADLINE_MS);
    worker.close();
    await uplink.close(UPLINK_DEADLINE_MS);
  }

  const missing = () => (worker.state === 'registered' ? [] : ['registration with the LiveKit server']);
  return { ready, missing, close };
}

function engineLoad(engine: SpeechEngine): number {
  const { activeStreams, maxActiveStreams, busy } = engine.stats();
  return Math.max(busy, maxActiveStreams > 0 ? activeStreams / maxActiveStreams : 0);
}
