/** The built agent as a process, with its model: what it says, how it ends, what it answers to bad settings. */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findLivekitServer } from './support/livekit-server.ts';
import { type LocalSfu, startLocalSfu } from './support/local-sfu.ts';
import { StrictMoshiServer } from './support/strict-moshi-server.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';
import { UplinkReceiver } from './support/uplink-receiver.ts';

const MAIN = 'dist/agents/main.js';
const MODEL = 'models/whisper-base/encoder.onnx';
const lacking = [MAIN, MODEL].find((path) => !existsSync(path));
const reason = lacking
  ? ` (skipped: ${lacking} is not there; run npm run build)`
  : (findLivekitServer().reason ?? '') && ` (skipped: ${findLivekitServer().reason})`;

describe.skipIf(reason !== '')(`the agent process${reason}`, () => {
  const children: ChildProcess[] = [];
  let sfu: LocalSfu;
  let gateway: UplinkReceiver;

  beforeAll(async () => {
    sfu = await startLocalSfu();
    gateway = await new UplinkReceiver(sfu.apiSecret).start();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await dispose();
    await gateway.stop();
    await sfu.close();
  });

  const environment = (overrides: Record<string, string>) => ({
    PATH: process.env.PATH,
    LIVEKIT_URL: sfu.url,
    LIVEKIT_API_KEY: sfu.apiKey,
    LIVEKIT_API_SECRET: sfu.apiSecret,
    SURTITRE_UPLINK_URL: gateway.url,
    SURTITRE_AGENT_HEALTH_PORT: '0',
    ...overrides,
  });

  function start(overrides: Record<string, string> = {}): ChildProcess {
    const child = fork(MAIN, { env: environment(overrides), silent: true });
    child.stdout?.resume();
    children.push(child);
    return child;
  }

  /** What it says on standard error, once it has ended with 1. */
  async function failure(child: ChildProcess): Promise<string> {
    let said = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    return said.trim();
  }

  it('is ready once its model is warm, and on SIGTERM leaves its rooms and ends with 0 within 5 s', async () => {
    const child = start();
    const [{ healthPort }] = (await once(child, 'message')) as [{ ready: true; healthPort: number }];
    expect((await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status).toBe(200);
    const speaker = await new ToneSpeaker().join(sfu.url, await sfu.token('term', 'ada', 'Ada'));
    await speaker.publish();
    await sfu.dispatches.createDispatch('term', 'surtitre');
    await gateway.until(({ frames }) => frames.length > 0);
    const startedMs = performance.now();
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(gateway.left).toEqual(['term']);
    expect(await sfu.rooms.listParticipants('term')).toHaveLength(1);
    await speaker.close();
  });

  it('says which setting to correct when LiveKit refuses its key', async () => {
    expect(await failure(start({ LIVEKIT_API_SECRET: 'another-secret-of-more-than-32-characters' }))).toBe(
      'The LiveKit server refused the agent (HTTP 401). Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair that the server knows.',
    );
  });

  it('says which model is missing', async () => {
    expect(await failure(start({ SURTITRE_MODEL: 'models/nothing' }))).toContain('models/nothing');
  });

  it('lets moshi-servers hear where it is told to, and says so when they do not let it in', async () => {
    const server = await StrictMoshiServer.start();
    const moshi = { SPEECH_ENGINE: 'moshi', MOSHI_URL: server.url, MOSHI_API_KEY: 'public_token' };
    const child = start(moshi);
    const [{ healthPort }] = (await once(child, 'message')) as [{ ready: true; healthPort: number }];
    const metrics = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    expect(metrics).toContain('caption_agent_slots 4');
    expect(metrics).toContain('caption_agent_moshi_full_total 0');
    expect(await failure(start({ ...moshi, MOSHI_API_KEY: 'wrong' }))).toBe(
      'No moshi-server knows the key. Set MOSHI_API_KEY to one of its authorized_ids.',
    );
    await server.close();
  });

  it('says what to do when its health port is taken, before it loads a model', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    expect(await failure(start({ SURTITRE_AGENT_HEALTH_PORT: port }))).toBe(
      `Port ${port} is taken. Set SURTITRE_AGENT_HEALTH_PORT to another one, or to 0 for any.`,
    );
    other.close();
  });

  it('checks its configuration without starting', () => {
    const check = (overrides: Record<string, string>) =>
      spawnSync(process.execPath, [MAIN, '--check-config'], {
        env: environment(overrides),
        encoding: 'utf8',
      });
    expect(check({}).status).toBe(0);
    const wrong = check({ LIVEKIT_API_SECRET: 'devkey', SURTITRE_LANGUAGE: 'de' });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(/^The configuration has 2 fault\(s\): /);
    expect(wrong.stderr).toContain('LIVEKIT_API_SECRET must have at least 32 characters');
    expect(wrong.stderr).toContain('SURTITRE_LANGUAGE must be one of auto, fr, en');
    expect(wrong.stderr).not.toContain('devkey');
  });
});
