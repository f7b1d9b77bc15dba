import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive } from '../test/support/process-alive.ts';
import { ManagedProcess, type ProcessSpec } from './managed-process.ts';
import { MAX_EARLY_DEATHS, restartDelayMs } from './restart-delay.ts';

const READY = 'process.send({ ready: true, port: Number(process.env.PORT || 4321) });';
const LIVE = 'setInterval(() => {}, 1000);';

let folder: string;
const managed: ManagedProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'surtitre-process-'));
});
afterEach(async () => {
  for (const process of managed.splice(0)) await process.stop();
  rmSync(folder, { recursive: true, force: true });
});

function manage(code: string, overrides: Partial<ProcessSpec> = {}) {
  const program = join(folder, 'program.mjs');
  writeFileSync(program, code);
  const restarts: { cause: string; delayMs: number }[] = [];
  const givenUp: string[] = [];
  const spec: ProcessSpec = {
    name: 'sample',
    program,
    env: () => process.env,
    readyWithinMs: 10_000,
    stopWithinMs: 500,
    logFile: join(folder, 'sample.log'),
    showLog: false,
    ...overrides,
  };
  const child = new ManagedProcess(spec, {
    onRestart: (_name, cause, delayMs) => restarts.push({ cause, delayMs }),
    onGivenUp: (error) => givenUp.push(error.message),
  });
  managed.push(child);
  return { child, restarts, givenUp };
}

test('reports ready with what the child says, and keeps its output', async () => {
  const { child } = manage(`console.log('hello'); ${READY} ${LIVE}`);
  expect(await child.start()).toEqual({ ready: true, port: 4321 });
  await child.stop();
  expect(readFileSync(join(folder, 'sample.log'), 'utf8')).toContain('hello');
});

test('starts a killed child again at once and tells it its former port', async () => {
  const env = (last: unknown) => ({ ...process.env, PORT: last === null ? '5000' : '6000' });
  const { child, restarts } = manage(`${READY} ${LIVE}`, { env });
  await child.start();
  const first = child.pid ?? 0;
  const again = child.nextReady();
  process.kill(first, 'SIGKILL');
  expect((await again).port).toBe(6000);
  expect(restarts).toEqual([{ cause: 'was ended by SIGKILL', delayMs: 0 }]);
  expect(child.pid).not.toBe(first);
});

test('a child that cannot start is not tried again, and its last words are told', async () => {
  const { child, restarts } = manage("console.error('the key is wrong'); process.exit(3);");
  await expect(child.start()).rejects.toThrow(
    /sample could not start: it ended with code 3\. It said: the key is wrong/,
  );
  expect(restarts).toEqual([]);
});

test('the message of a JSON error line is told instead of the line', async () => {
  const line = JSON.stringify({
    level: 'error',
    message: 'configuration invalid',
    err: { message: 'PORT is required' },
  });
  const { child } = manage(`console.log(${JSON.stringify(line)}); process.exit(1);`);
  await expect(child.start()).rejects.toThrow(/It said: configuration invalid: PORT is required/);
});

test('a child that is never ready is ended', async () => {
  const { child } = manage(LIVE, { readyWithinMs: 300 });
  await expect(child.start()).rejects.toThrow(/was not ready after 0\.3 s/);
  expect(child.pid).toBeUndefined();
});

test('a child that ignores SIGTERM is killed at its deadline, with its own children', async () => {
  const { child } = manage(`
    import { spawn } from 'node:child_process';
    process.on('SIGTERM', () => {});
    const grandchild = spawn('sleep', ['60']);
    process.send({ ready: true, grandchild: grandchild.pid });
    ${LIVE}`);
  const { grandchild } = await child.start();
  const pid = child.pid ?? 0;
  const before = performance.now();
  await child.stop();
  expect(performance.now() - before).toBeLessThan(2_000);
  expect(isAlive(pid)).toBe(false);
  await expect.poll(() => isAlive(Number(grandchild))).toBe(false);
});

test('a stop while a restart is pending starts nothing any more', async () => {
  const { child } = manage(`${READY} ${LIVE}`);
  await child.start();
  process.kill(child.pid ?? 0, 'SIGKILL');
  await child.stop();
  expect(child.pid).toBeUndefined();
});

test('delays grow and end', () => {
  const delays = Array.from({ length: MAX_EARLY_DEATHS + 1 }, (_, index) => restartDelayMs(index + 1));
  expect(delays).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, null]);
});
