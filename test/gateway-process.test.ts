/** The built gateway as a process: what it says, how it ends, and what it answers to a taken port. */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createSigner } from 'fast-jwt';
import { afterEach, describe, expect, it } from 'vitest';
import { lastingPort } from '../bench/lasting-port.ts';
import { CLOSE_CODES } from '../protocol/close-codes.ts';
import { CAPTIONS_AUDIENCE } from '../protocol/connection.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import { inOneHour, TEST_SECRET } from './support/start-gateway.ts';

const MAIN = 'dist/gateway/main.js';
const env = {
  PATH: process.env.PATH,
  LIVEKIT_URL: 'ws://127.0.0.1:9',
  LIVEKIT_API_KEY: 'APItest',
  LIVEKIT_API_SECRET: TEST_SECRET,
  SURTITRE_HTTP_PORT: '0',
  SURTITRE_SOCKET_PORT: '0',
  SURTITRE_LOG_LEVEL: 'error',
};
const sign = createSigner<Record<string, unknown>>({ key: TEST_SECRET, algorithm: 'HS256' });

interface Ready {
  readonly ready: true;
  readonly httpPort: number;
  readonly socketPort: number;
}

const reason = existsSync(MAIN) ? '' : ` (skipped: ${MAIN} is not built; run npm run build)`;
describe.skipIf(reason !== '')(`the gateway process${reason}`, () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  async function start(overrides: Record<string, string> = {}): Promise<Ready & { child: ChildProcess }> {
    const child = fork(MAIN, { env: { ...env, ...overrides }, silent: true });
    children.push(child);
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`ended with ${code}`)));
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [Ready];
    return { ...message, child };
  }

  const viewer = ({ socketPort }: Ready): Promise<CaptionViewer> =>
    CaptionViewer.join(
      `ws://127.0.0.1:${socketPort}`,
      sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room: 'room', exp: inOneHour() }),
    );

  it('tells its parent its ports, moves its viewers on SIGTERM and ends with 0 within 5 s', async () => {
    const gateway = await start();
    const watching = await viewer(gateway);
    const startedMs = performance.now();
    gateway.child.kill('SIGTERM');
    const [code] = await once(gateway.child, 'exit');
    expect(code).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(await watching.inbox.closed).toBe(CLOSE_CODES.goingAway.code);
    expect(watching.inbox.all.some(({ type }) => type === 'move')).toBe(true);
  });

  it('has its ports again at once after kill -9, although viewers were connected', async () => {
    const ports = {
      SURTITRE_HTTP_PORT: String(await lastingPort()),
      SURTITRE_SOCKET_PORT: String(await lastingPort()),
    };
    const first = await start(ports);
    const watching = await viewer(first);
    first.child.kill('SIGKILL');
    await watching.inbox.closed;
    const second = await start(ports);
    expect(second.socketPort).toBe(first.socketPort);
    await (await viewer(second)).close();
  }, 60_000);

  it.each([
    ['SURTITRE_HTTP_PORT', 'HTTP server'],
    ['SURTITRE_SOCKET_PORT', 'WebSocket server'],
  ])('says what to do when the port of %s is taken', async (variable, what) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const child = fork(MAIN, { env: { ...env, [variable]: port }, silent: true });
    children.push(child);
    let said = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(said).toBe(
      `The ${what} cannot listen on 127.0.0.1:${port}: the port is taken or not permitted. Set ${variable} to a free port, or to 0 for any.\n`,
    );
    other.close();
  });

  it('checks its configuration without starting', () => {
    const check = (overrides: Record<string, string>) =>
      spawnSync(process.execPath, [MAIN, '--check-config'], {
        env: { ...env, ...overrides },
        encoding: 'utf8',
      });
    expect(check({}).status).toBe(0);
    const wrong = check({ LIVEKIT_API_SECRET: 'devkey', SURTITRE_HTTP_PORT: 'x' });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(
      /^The configuration has 2 fault\(s\): .*LIVEKIT_API_SECRET.*SURTITRE_HTTP_PORT/,
    );
    expect(wrong.stderr).not.toContain('devkey');
  });
});
