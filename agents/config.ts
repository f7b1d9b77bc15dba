/** The agent's configuration: the only place that knows its environment variables and their defaults. */
import { hostname } from 'node:os';
import { type Environment, EnvReader } from '../runtime/env.ts';
import type { StreamLanguage } from './speech/speech-engine.ts';

export interface AgentConfig {
  readonly livekitUrl: string;
  readonly livekitApiKey: string;
  /** Signs the worker's and the uplink's tokens. */
  readonly livekitApiSecret: string;
  readonly agentName: string;
  /** Names this process to the gateway. */
  readonly agentId: string;
  readonly uplinkUrl: string;
  readonly healthHost: string;
  /** 0: any free port. */
  readonly healthPort: number;
  /** Used where a dispatch names no language. */
  readonly language: StreamLanguage;
  /** Servers that hear for this process; null: it runs a model itself. */
  readonly moshi: MoshiConfig | null;
  /** Where the engine is served to moshi's clients; null: nowhere. */
  readonly moshiServer: MoshiServerConfig | null;
  /** Folder of a model manifest. */
  readonly modelFolder: string;
  /** 0: as many as the engine finds right. */
  readonly modelThreads: number;
  /** Rooms at the same time. */
  readonly maxRooms: number;
  /** Length of the audio frames asked from rtc-node, 20 to 80 ms; 0: as short as the load permits. */
  readonly frameMs: number;
  /** Also publish captions as LiveKit transcriptions, for clients that know nothing of ours. */
  readonly publishTranscription: boolean;
  /** Bound of all frames held for a gateway that comes back. */
  readonly maxHeldBytes: number;
  readonly logLevel: string;
}

export interface MoshiConfig {
  readonly urls: readonly string[];
  readonly apiKey: string;
  /** How much later than its audio the servers' model writes. */
  readonly delayMs: number;
  /** Connections at the same time; 0: as many as the servers have. */
  readonly maxSlots: number;
}

export interface MoshiServerConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly keys: readonly string[];
  /** Streams at the same time. */
  readonly maxStreams: number;
  /** Used where a client asks for no language. */
  readonly language: StreamLanguage;
}

const MEBIBYTE = 1_048_576;

export function readConfig(environment: Environment): Readonly<AgentConfig> {
  const env = new EnvReader(environment);
  const agentName = env.string('SURTITRE_AGENT_NAME', 'surtitre');
  const frameMs = env.integer('SURTITRE_FRAME_MS', 0, { min: 0, max: 80 });
  env.check(frameMs === 0 || frameMs >= 20, 'SURTITRE_FRAME_MS must be 0 or a whole number from 20 to 80');
  const language = env.choice('SURTITRE_LANGUAGE', ['auto', 'fr', 'en'], 'auto');
  return env.finish({
    livekitUrl: env.url('LIVEKIT_URL', ['ws:', 'wss:'], 'ws://127.0.0.1:7880'),
    livekitApiKey: env.string('LIVEKIT_API_KEY'),
    livekitApiSecret: env.secret('LIVEKIT_API_SECRET'),
    agentName,
    agentId: env.string('SURTITRE_AGENT_ID', `${hostname()}-${process.pid}`),
    uplinkUrl: env.url('SURTITRE_UPLINK_URL', ['ws:', 'wss:'], 'ws://127.0.0.1:8081'),
    healthHost: env.string('SURTITRE_AGENT_HEALTH_HOST', '127.0.0.1'),
    healthPort: env.integer('SURTITRE_AGENT_HEALTH_PORT', 8082, { min: 0, max: 65_535 }),
    language,
    moshi: readMoshi(env),
    moshiServer: readMoshiServer(env, language),
    modelFolder: env.string('SURTITRE_MODEL', 'models/whisper-base'),
    modelThreads: env.integer('SURTITRE_MODEL_THREADS', 0, { min: 0, max: 256 }),
    maxRooms: env.integer('SURTITRE_MAX_ROOMS', 40, { min: 1, max: 10_000 }),
    frameMs,
    publishTranscription: env.boolean('SURTITRE_PUBLISH_TRANSCRIPTION', true),
    maxHeldBytes: env.integer('SURTITRE_MAX_HELD_MB', 64, { min: 1, max: 4_096 }) * MEBIBYTE,
    logLevel: env.choice('SURTITRE_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  });
}

/** The names without ours before them are those of Kyutai's own tools, or of the model's operators. */
function readMoshi(env: EnvReader): MoshiConfig | null {
  if (env.choice('SPEECH_ENGINE', ['embedded', 'moshi'], 'embedded') === 'embedded') return null;
  const urls = listed(env.string('MOSHI_URL'));
  env.check(
    urls.every((url) => /^(wss?|https?):\/\/[^/]/.test(url) && URL.canParse(url)),
    'MOSHI_URL must hold addresses that start with ws://, wss://, http:// or https://, with commas between them',
  );
  return {
    urls,
    apiKey: env.string('MOSHI_API_KEY'),
    delayMs: env.integer('SURTITRE_MOSHI_DELAY_MS', 480, { min: 0, max: 10_000 }),
    maxSlots: env.integer('SURTITRE_MOSHI_SLOTS', 0, { min: 0, max: 10_000 }),
  };
}

function readMoshiServer(env: EnvReader, language: StreamLanguage): MoshiServerConfig | null {
  if (env.optional('SURTITRE_MOSHI_PORT') === undefined) return null;
  const keys = listed(env.string('SURTITRE_MOSHI_KEYS'));
  env.check(
    keys.every((key) => key.length >= SHORTEST_KEY),
    `SURTITRE_MOSHI_KEYS must hold keys of at least ${SHORTEST_KEY} characters, with commas between them`,
  );
  return {
    host: env.string('SURTITRE_MOSHI_HOST', '127.0.0.1'),
    port: env.integer('SURTITRE_MOSHI_PORT', 0, { min: 0, max: 65_535 }),
    keys,
    maxStreams: env.integer('SURTITRE_MOSHI_STREAMS', 32, { min: 1, max: 10_000 }),
    language,
  };
}

const SHORTEST_KEY = 16;

function listed(text: string): string[] {
  return text.split(',').map((entry) => entry.trim());
}
