/** `npm start` as a person uses it: one address, Ctrl-C, and sentences for what is wrong. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FREE_PORTS } from '../launch/free-ports.ts';
import { projectRoot } from '../launch/project-root.ts';
import { descendantsOf } from './support/child-processes.ts';
import { isAlive } from './support/process-alive.ts';
import { buildIfStale, testStateFolder } from './support/stack.ts';

const READY_WITHIN_MS = 60_000;

let folder: string;
const running: Started[] = [];

beforeAll(async () => {
  await buildIfStale();
  folder = testStateFolder();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const started of running.splice(0)) {
    started.child.kill('SIGTERM');
    await started.exited;
  }
});

interface Started {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  output(): string;
  /** The address that was printed. */
  ready(): Promise<string>;
}

function start(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Started {
  const child = spawn(process.execPath, [join(projectRoot, 'scripts/start.mjs'), ...args], {
    env: { ...process.env, ...FREE_PORTS, SURTITRE_STATE_FOLDER: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const started: Started = {
    child,
    exited,
    output: () => output,
    ready: () =>
      expect
        .poll(
          () => /Surtitre is ready: (http:\S+)/.exec(output)?.[1] ?? (child.exitCode === null ? '' : output),
          {
            timeout: READY_WITHIN_MS,
          },
        )
        .toMatch(/^http:/)
        .then(() => /Surtitre is ready: (http:\S+)/.exec(output)?.[1] ?? ''),
  };
  running.push(started);
  return started;
}

test('prints one address at which everything answers, and Ctrl-C ends it all within 5 s', async () => {
  const started = start();
  const url = await started.ready();
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await (await fetch(url)).text()).toContain('<title>');
  const processes = descendantsOf(started.child.pid ?? 0);
  // The media server and its keeper, gateway, agent, demo speakers.
  if (process.platform === 'linux') expect(processes.length).toBeGreaterThanOrEqual(5);

  const before = performance.now();
  started.child.kill('SIGINT');
  expect(await started.exited).toBe(0);
  expect(performance.now() - before).toBeLessThan(5_000);
  expect(processes.filter(isAlive)).toEqual([]);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
}, 90_000);

test('when it is killed outright, nothing stays behind', async () => {
  const started = start();
  await started.ready();
  const processes = descendantsOf(started.child.pid ?? 0);
  started.child.kill('SIGKILL');
  await started.exited;
  await expect.poll(() => processes.filter(isAlive), { timeout: 6_000 }).toEqual([]);
}, 90_000);

test('Ctrl-C in the middle of the start stops what is up by then', async () => {
  const started = start();
  await expect
    .poll(() => descendantsOf(started.child.pid ?? 0).length, { timeout: 30_000 })
    .toBeGreaterThan(1);
  const processes = descendantsOf(started.child.pid ?? 0);
  started.child.kill('SIGINT');
  expect(await started.exited).toBe(0);
  expect(processes.filter(isAlive)).toEqual([]);
}, 60_000);

test('a taken port is told with the variable that changes it', async () => {
  const server = createServer((socket: Socket) => void socket.destroy());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const started = start({ SURTITRE_HTTP_PORT: String(port) });
  expect(await started.exited).toBe(1);
  expect(started.output()).toContain(`port ${port} on 127.0.0.1: another program listens there`);
  expect(started.output()).toContain('SURTITRE_HTTP_PORT');
  await new Promise((resolve) => server.close(resolve));
}, 30_000);

test('a second start says that it already runs', async () => {
  const first = start({ SURTITRE_DEMO_AGENT_NAME: '' });
  const url = await first.ready();
  const second = start({ SURTITRE_HTTP_PORT: new URL(url).port });
  expect(await second.exited).toBe(1);
  expect(second.output()).toContain(`Surtitre already runs at ${url}.`);
}, 90_000);

test('a given media server that does not answer is told', async () => {
  const keys = { LIVEKIT_API_KEY: 'APItest', LIVEKIT_API_SECRET: 's'.repeat(32) };
  const started = start({ LIVEKIT_URL: 'ws://127.0.0.1:9', ...keys });
  expect(await started.exited).toBe(1);
  expect(started.output()).toMatch(/No LiveKit server answers at ws:\/\/127\.0\.0\.1:9 \(LIVEKIT_URL\)/);
}, 30_000);

test('a key that the media server does not know is told', async () => {
  const env = { SURTITRE_LIVEKIT_PORT: '0' };
  const own = start(env);
  const url = await own.ready();
  const page = await fetch(`${url}/api/rooms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const { roomId } = (await page.json()) as { roomId: string };
  const joined = await fetch(`${url}/api/rooms/${roomId}/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"someone"}',
  });
  const { livekitUrl } = (await joined.json()) as { livekitUrl: string };
  const keys = { LIVEKIT_API_KEY: 'APIother', LIVEKIT_API_SECRET: 's'.repeat(32) };
  const started = start({ LIVEKIT_URL: livekitUrl, ...keys });
  expect(await started.exited).toBe(1);
  expect(started.output()).toMatch(/does not accept LIVEKIT_API_KEY with LIVEKIT_API_SECRET/);
}, 90_000);

test('a broken model is told by the process that needs it', async () => {
  const model = join(folder, 'model');
  writeFileSync(model, 'no folder');
  const started = start({ SURTITRE_MODEL: model, SURTITRE_DEMO_AGENT_NAME: '' });
  expect(await started.exited).toBe(1);
  expect(started.output()).toMatch(/The agent could not start: it ended with code 1\. It said: /);
}, 60_000);

test('options that do not exist are refused', async () => {
  const started = start({}, ['--verbos']);
  expect(await started.exited).toBe(1);
  expect(started.output()).toContain('does not know --verbos');
});
