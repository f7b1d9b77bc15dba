/** The gateway's configuration: the only place that knows its environment variables and their defaults. */
import { isIP } from 'node:net';
import type { CaptionMode, RoomLanguage } from '../protocol/room-api.ts';
import { type Environment, EnvReader } from '../runtime/env.ts';

export interface GatewayConfig {
  readonly livekitUrl: string;
  readonly livekitApiKey: string;
  /** Signs LiveKit tokens, captions tokens and the agents' uplink tokens; makes room ids and host keys. */
  readonly livekitApiSecret: string;
  readonly livekitPublicUrl: string;
  readonly httpHost: string;
  /** 0: any free port. */
  readonly httpPort: number;
  readonly socketHost: string;
  readonly socketPort: number;
  /** What browsers open for captions; without it, derived from the socket port that was got. */
  readonly captionsPublicUrl: string | undefined;
  /** Browser origins that may open the captions socket; empty: the gateway's own HTTP address only. */
  readonly allowedOrigins: readonly string[];
  /** Addresses of reverse proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly captionMode: CaptionMode;
  readonly language: RoomLanguage;
  readonly agentName: string;
  /** Empty: no demo speaker. */
  readonly demoAgentName: string;
  /** Where LiveKit Egress puts recordings, in its own terms; empty: nothing can be recorded. */
  readonly recordingFile: string;
  /** At most; captions of a meeting that is over go at once. */
  readonly historyS: number;
  /** Of text kept per room, in UTF-16 units; bounds memory and the longest catch-up. */
  readonly historyCharacters: number;
  readonly maxConnectionsPerAddress: number;
  readonly requestsPerMinute: number;
  /** Of people joining, per address. */
  readonly joinsPerMinute: number;
  /** Open at the same time with this API key; one more is refused. */
  readonly maxRooms: number;
  /** Opens `/metrics` and the status page on the public port; without it neither is there. */
  readonly operatorToken: string | undefined;
  /** A port of its own for `/metrics`, without a token; undefined: none. */
  readonly metricsHost: string;
  readonly metricsPort: number | undefined;
  /** Where traces of utterances go (OTLP over HTTP); undefined: nowhere. */
  readonly traceEndpoint: string | undefined;
  /** Share of utterances that are traced. */
  readonly traceRatio: number;
  /** On SIGTERM viewers are asked to move within this time. */
  /** How long a room's steps may wait for each other at most, when the gateway is busy. */
  readonly mergeMaxMs: number;
  readonly drainMs: number;
  /** Redis or Valkey, through which several gateways share rooms; without it, this one is alone. */
  readonly redisUrl: string | undefined;
  readonly logLevel: string;
}

export function readConfig(environment: Environment): Readonly<GatewayConfig> {
  const env = new EnvReader(environment);
  const port = { min: 0, max: 65_535 };
  const livekitUrl = env.url('LIVEKIT_URL', ['ws:', 'wss:'], 'ws://127.0.0.1:7880');
  const optionalUrl = (name: string, protocols: readonly string[]): string | undefined =>
    env.optional(name) === undefined ? undefined : env.url(name, protocols);
  const socketUrl = (name: string): string | undefined => optionalUrl(name, ['ws:', 'wss:']);
  const allowedOrigins = list(env.optional('SURTITRE_ALLOWED_ORIGINS'));
  env.check(
    allowedOrigins.every(isOrigin),
    'SURTITRE_ALLOWED_ORIGINS must hold origins such as https://meet.example, separated by commas',
  );
  const trustedProxies = list(env.optional('SURTITRE_TRUSTED_PROXIES'));
  env.check(
    trustedProxies.every(isAddressOrSubnet),
    'SURTITRE_TRUSTED_PROXIES must hold addresses or subnets such as 10.0.0.0/8, separated by commas',
  );
  const traceRatio = Number(env.optional('SURTITRE_TRACE_RATIO') ?? '0.01');
  env.check(traceRatio >= 0 && traceRatio <= 1, 'SURTITRE_TRACE_RATIO must be a number from 0 to 1');
  return env.finish({
    livekitUrl,
    livekitApiKey: env.string('LIVEKIT_API_KEY'),
    livekitApiSecret: env.secret('LIVEKIT_API_SECRET'),
    livekitPublicUrl: socketUrl('SURTITRE_LIVEKIT_PUBLIC_URL') ?? livekitUrl,
    httpHost: env.string('SURTITRE_HTTP_HOST', '127.0.0.1'),
    httpPort: env.integer('SURTITRE_HTTP_PORT', 8080, port),
    socketHost: env.string('SURTITRE_SOCKET_HOST', '127.0.0.1'),
    socketPort: env.integer('SURTITRE_SOCKET_PORT', 8081, port),
    captionsPublicUrl: socketUrl('SURTITRE_CAPTIONS_PUBLIC_URL'),
    allowedOrigins,
    trustedProxies,
    captionMode: env.choice('SURTITRE_CAPTION_MODE', ['on-demand', 'always', 'off'], 'on-demand'),
    language: env.choice('SURTITRE_LANGUAGE', ['auto', 'fr', 'en'], 'auto'),
    agentName: env.string('SURTITRE_AGENT_NAME', 'surtitre'),
    demoAgentName: environment.SURTITRE_DEMO_AGENT_NAME ?? 'surtitre-demo',
    recordingFile: env.optional('SURTITRE_RECORDING_FILE') ?? '',
    historyS: env.integer('SURTITRE_HISTORY_S', 86_400, { min: 0, max: 86_400 }),
    historyCharacters: env.integer('SURTITRE_HISTORY_CHARACTERS', 1_000_000, {
      min: 10_000,
      max: 100_000_000,
    }),
    maxConnectionsPerAddress: env.integer('SURTITRE_MAX_CONNECTIONS_PER_ADDRESS', 1_000, {
      min: 1,
      max: 1_000_000,
    }),
    requestsPerMinute: env.integer('SURTITRE_REQUESTS_PER_MINUTE', 1_200, { min: 10, max: 1_000_000 }),
    joinsPerMinute: env.integer('SURTITRE_JOINS_PER_MINUTE', 600, { min: 1, max: 1_000_000 }),
    maxRooms: env.integer('SURTITRE_MAX_OPEN_ROOMS', 10_000, { min: 1, max: 1_000_000 }),
    operatorToken:
      env.optional('SURTITRE_OPERATOR_TOKEN') === undefined
        ? undefined
        : env.secret('SURTITRE_OPERATOR_TOKEN'),
    metricsHost: env.string('SURTITRE_METRICS_HOST', '127.0.0.1'),
    metricsPort:
      env.optional('SURTITRE_METRICS_PORT') === undefined
        ? undefined
        : env.integer('SURTITRE_METRICS_PORT', 0, port),
    traceEndpoint:
      env.optional('OTEL_EXPORTER_OTLP_ENDPOINT') === undefined
        ? undefined
        : env.url('OTEL_EXPORTER_OTLP_ENDPOINT', ['http:', 'https:']),
    traceRatio,
    mergeMaxMs: env.integer('SURTITRE_MERGE_MAX_MS', 200, { min: 0, max: 1_000 }),
    drainMs: env.integer('SURTITRE_DRAIN_MS', 1_000, { min: 0, max: 3_600_000 }),
    redisUrl: optionalUrl('REDIS_URL', ['redis:', 'rediss:']),
    logLevel: env.choice('SURTITRE_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  });
}

function list(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isAddressOrSubnet(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}
