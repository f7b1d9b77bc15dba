/**
 * The real LiveKit server on loopback ports of its own. Tests that need it skip, and say why, where there is none:
 *
 *     const livekit = findLivekitServer();
 *     describe.skipIf(livekit.path === null)(`dispatch${livekit.path ? '' : ` (skipped: ${livekit.reason})`}`, …)
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lastingPort } from '../../bench/lasting-port.ts';
import { findExecutable, isExecutable } from '../../runtime/executable.ts';

export type FoundLivekitServer =
  | { readonly path: string; readonly reason: null }
  | { readonly path: null; readonly reason: string };

/** `LIVEKIT_SERVER_BIN`, then the binary that `npm start` keeps, then PATH. */
export function findLivekitServer(): FoundLivekitServer {
  const named = [process.env.LIVEKIT_SERVER_BIN ?? '', '.surtitre/bin/livekit-server'];
  const path = named.find(isExecutable) ?? findExecutable(['livekit-server'], process.env.PATH);
  return path === null
    ? { path: null, reason: 'no LiveKit server found; run npm start once or set LIVEKIT_SERVER_BIN' }
    : { path, reason: null };
}

export interface RunningLivekitServer {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  close(): Promise<void>;
}

export interface LivekitServerOptions {
  /** Receives the server's webhooks. */
  readonly webhookUrl?: string;
  /** Makes it one of several nodes: those with the same Redis and the same secret share their rooms. */
  readonly node?: { readonly redisPort: number; readonly apiSecret: string };
}

export async function startLivekitServer({
  webhookUrl,
  node,
}: LivekitServerOptions = {}): Promise<RunningLivekitServer> {
  const found = findLivekitServer();
  if (found.path === null) throw new Error(found.reason);
  const [port, tcpPort, udpPort] = await Promise.all([lastingPort(), lastingPort(), lastingPort()]);
  const apiKey = 'APItest';
  const apiSecret = node?.apiSecret ?? randomBytes(24).toString('hex');
  const config = [
    `port: ${port}`,
    'bind_addresses: ["127.0.0.1"]',
    'rtc:',
    `  udp_port: ${udpPort}`,
    `  tcp_port: ${tcpPort}`,
    '  use_external_ip: false',
    '  node_ip: 127.0.0.1',
    '  enable_loopback_candidate: true',
    '  interfaces: {includes: ["lo"]}',
    '  ips: {includes: ["127.0.0.1/32"]}',
    `keys: {${apiKey}: ${apiSecret}}`,
    'room: {auto_create: true, empty_timeout: 20, departure_timeout: 5, enable_remote_unmute: true}',
    'logging: {level: warn}',
    ...(node === undefined ? [] : [`redis: {address: "127.0.0.1:${node.redisPort}"}`]),
    ...(webhookUrl === undefined ? [] : [`webhook: {api_key: ${apiKey}, urls: ["${webhookUrl}"]}`]),
  ].join('\n');
  const server = spawn(found.path, ['--config-body', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await answering(`http://127.0.0.1:${port}`, server);
  return {
    url: `ws://127.0.0.1:${port}`,
    apiKey,
    apiSecret,
    async close() {
      server.kill('SIGKILL');
      await exited;
    },
  };
}

/** A server does not say on its own when it answers, so it is asked. */
async function answering(url: string, server: ChildProcess): Promise<void> {
  let failure: Error | null = null;
  let said = '';
  server.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-2_000);
  });
  server.once('error', (error) => {
    failure = error;
  });
  server.once('exit', (code) => {
    failure = new Error(`livekit-server ended with code ${code}: ${said}`);
  });
  for (;;) {
    if (failure) throw failure;
    const isUp = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
