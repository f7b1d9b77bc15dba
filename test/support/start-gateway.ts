/** A real gateway on free ports, in this process, with what a test needs to talk to it. */
import { createSigner } from 'fast-jwt';
import { readConfig } from '../../gateway/config.ts';
import { type Gateway, startGateway } from '../../gateway/gateway.ts';
import type { CaptioningTimes } from '../../gateway/rooms/room-captioning.ts';
import { UPLINK_AUDIENCE } from '../../protocol/connection.ts';
import type { CreateRoomResponse, JoinRoomResponse } from '../../protocol/room-api.ts';
import { createLog } from '../../runtime/log.ts';

export interface TestGateway extends Gateway {
  readonly httpUrl: string;
  /** ws://, without a path. */
  readonly socketUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  uplinkToken(): string;
  /** Signs anything with the deployment's secret. */
  sign(payload: Record<string, unknown>): string;
  metric(line: string): Promise<number>;
}

export interface TestGatewayOptions {
  /** Without it, no LiveKit server answers: enough for all but rooms and dispatch. */
  readonly livekit?: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  readonly env?: Record<string, string>;
  readonly times?: CaptioningTimes;
  readonly clientFolder?: string;
}

export const OPERATOR_TOKEN = 'an-operator-token-for-tests-of-32-characters';
export const TEST_SECRET = 'a-secret-for-tests-of-more-than-32-characters';

export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  // Port 9 (discard): nothing listens there.
  const livekit = options.livekit ?? {
    url: 'ws://127.0.0.1:9',
    apiKey: 'APItest',
    apiSecret: TEST_SECRET,
  };
  const { apiKey, apiSecret } = livekit;
  const gateway = await startGateway({
    config: readConfig({
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
      SURTITRE_HTTP_PORT: '0',
      SURTITRE_SOCKET_PORT: '0',
      SURTITRE_DRAIN_MS: '0',
      // It shares its event loop with the test, which would be told several steps at once now and then.
      SURTITRE_MERGE_MAX_MS: '0',
      SURTITRE_OPERATOR_TOKEN: OPERATOR_TOKEN,
      ...options.env,
    }),
    log: createLog('gateway', process.env.TEST_LOG ?? 'silent'),
    clientFolder: options.clientFolder ?? 'dist/no-client',
    ...(options.times ? { times: options.times } : {}),
  });
  const sign = createSigner<Record<string, unknown>>({ key: apiSecret, algorithm: 'HS256' });
  const httpUrl = `http://127.0.0.1:${gateway.httpPort}`;
  return {
    ...gateway,
    httpUrl,
    socketUrl: `ws://127.0.0.1:${gateway.socketPort}`,
    apiKey,
    apiSecret,
    sign,
    uplinkToken: () => sign({ aud: UPLINK_AUDIENCE, exp: inOneHour() }),
    async metric(line) {
      const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
      const text = await (await fetch(`${httpUrl}/metrics`, { headers })).text();
      const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
      return found === undefined ? 0 : Number(found.slice(line.length));
    },
  };
}

/** Unix time in seconds. */
export function inOneHour(): number {
  return Math.floor(Date.now() / 1000) + 3_600;
}

/** Creates a room and joins it, as the page does. */
export async function joinNewRoom(httpUrl: string, body: Record<string, unknown> = {}) {
  const created = await postJson<CreateRoomResponse>(`${httpUrl}/api/rooms`, body);
  const joined = await postJson<JoinRoomResponse>(`${httpUrl}/api/rooms/${created.roomId}/join`, {
    name: 'Ana',
  });
  return { ...created, ...joined };
}

export async function postJson<Answer>(url: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}
