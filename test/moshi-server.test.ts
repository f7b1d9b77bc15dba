/** The engine under moshi-server's protocol: its bytes, its limits, and real speech through our own client of it. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadAudioFile } from '../agents/audio/audio-file.ts';
import { MoshiServer, type MoshiServerOptions } from '../agents/moshi-server/moshi-server.ts';
import { createMoshiEngine } from '../agents/speech/moshi/moshi-engine.ts';
import { type FromMoshi, MoshiPacker, unpackFromMoshi } from '../agents/speech/moshi/moshi-message.ts';
import type { SpeechEngine } from '../agents/speech/speech-engine.ts';
import { createWindowedEngine } from '../agents/speech/windowed/windowed-engine.ts';
import { createLog } from '../runtime/log.ts';
import { hexOf } from './support/hex.ts';
import { LoudnessEngine } from './support/loudness-engine.ts';
import { MessageInbox } from './support/message-inbox.ts';

const KEY = 'a-key-of-16-chars';
const packer = new MoshiPacker();
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(engine: SpeechEngine, options: Partial<MoshiServerOptions> = {}): Promise<MoshiServer> {
  closers.push(() => engine.close());
  const server = await MoshiServer.listen({
    host: '127.0.0.1',
    port: 0,
    keys: ['another-key-of-16', KEY],
    maxStreams: 2,
    language: 'auto',
    engine,
    log: createLog('test', 'silent'),
    ...options,
  });
  closers.push(() => server.close());
  return server;
}

function address(server: MoshiServer, protocol = 'ws'): string {
  return `${protocol}://127.0.0.1:${server.port}/api/asr-streaming`;
}

interface Client {
  readonly socket: WebSocket;
  readonly inbox: MessageInbox<FromMoshi | null>;
  readonly raw: Buffer[];
}

function connect(server: MoshiServer, query = ''): Client {
  const headers = query.includes('auth_id') ? {} : { 'kyutai-api-key': KEY };
  const socket = new WebSocket(address(server) + query, { headers });
  closers.push(() => socket.terminate());
  const raw: Buffer[] = [];
  socket.on('message', (bytes: Buffer) => raw.push(bytes));
  return { socket, inbox: new MessageInbox(socket, unpackFromMoshi), raw };
}

/** A tone of 24 kHz. */
function tone(ms: number): Int16Array {
  return Int16Array.from({ length: 24 * ms }, (_, i) => Math.round(8_000 * Math.sin(i / 10)));
}

async function send(client: Client, samples: Int16Array): Promise<void> {
  for (let at = 0; at < samples.length; at += 1_920) {
    client.socket.send(packer.audio(samples.subarray(at, at + 1_920)));
  }
}

const has = (type: FromMoshi['type']) => (all: readonly (FromMoshi | null)[]) =>
  all.some((message) => message?.type === type);

describe('moshi protocol, served', () => {
  it('greets, steps, writes words and returns the marker, byte for byte', async () => {
    const client = connect(await serve(new LoudnessEngine()));
    await client.inbox.until(has('Ready'));
    await send(client, tone(480));
    client.socket.send(packer.marker(7));
    await client.inbox.until(has('Marker'));
    const type = 'a4 74 79 70 65';
    const hex = client.raw.map(hexOf);
    expect(hex[0]).toBe(`81 ${type} a5 52 65 61 64 79`);
    const float = 'ca [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2}';
    expect(hex[1]).toMatch(
      new RegExp(
        `^84 ${type} a4 53 74 65 70 a8 73 74 65 70 5f 69 64 78 01 a3 70 72 73 94 ${float} ${float} ${float} ${float} ac 62 75 66 66 65 72 65 64 5f 70 63 6d 00$`,
      ),
    );
    const [word, end, marker] = hex.slice(-3);
    expect(word).toMatch(
      new RegExp(
        `^83 ${type} a4 57 6f 72 64 a4 74 65 78 74 a5 77 6f 72 64 31 aa 73 74 61 72 74 5f 74 69 6d 65 cb `,
      ),
    );
    expect(end).toMatch(new RegExp(`^82 ${type} a7 45 6e 64 57 6f 72 64 a9 73 74 6f 70 5f 74 69 6d 65 cb `));
    expect(marker).toBe(`82 ${type} a6 4d 61 72 6b 65 72 a2 69 64 07`);
    expect(client.inbox.all.filter((message) => message?.type === 'Step')).toHaveLength(6);
  });

  it('tells pauses in its steps as clients look for them', async () => {
    const client = connect(await serve(new LoudnessEngine()));
    await client.inbox.until(has('Ready'));
    await send(client, tone(800));
    await send(client, new Int16Array(24 * 2_400));
    await client.inbox.until((all) => all.filter((message) => message?.type === 'Step').length === 40);
    const steps = client.inbox.all.flatMap((message) => (message?.type === 'Step' ? [message.prs] : []));
    expect(steps[9]?.every((probability) => probability < 0.5)).toBe(true);
    expect(steps.at(-1)?.map((probability) => probability > 0.5)).toEqual([true, true, true, false]);
  });

  it('keeps the markers of each client in their order, whatever others do', async () => {
    const server = await serve(new LoudnessEngine());
    const clients = [connect(server), connect(server)];
    for (const [index, client] of clients.entries()) {
      await client.inbox.until(has('Ready'));
      for (const id of [1, 2, 3]) {
        await send(client, tone(160 * (1 + index)));
        client.socket.send(packer.marker(id + 10 * index));
      }
    }
    for (const [index, { inbox }] of clients.entries()) {
      const markers = () => inbox.all.flatMap((message) => (message?.type === 'Marker' ? [message.id] : []));
      await inbox.until(() => markers().length === 3);
      expect(markers()).toEqual([1, 2, 3].map((id) => id + 10 * index));
    }
  });

  it('begins anew on Init', async () => {
    const engine = new LoudnessEngine();
    const client = connect(await serve(engine));
    await client.inbox.until(has('Ready'));
    await send(client, tone(400));
    client.socket.send(Buffer.from('81a474797065a4496e6974', 'hex'));
    await client.inbox.until((all) => all.filter((message) => message?.type === 'Ready').length === 2);
    expect(engine.streams.size).toBe(1);
    await send(client, tone(80));
    await client.inbox.until((all) => all.at(-1)?.type === 'Step');
    expect(client.inbox.all.at(-1)).toMatchObject({ stepIdx: 1 });
  });

  it('hears Ogg Opus, in pieces of any length', async () => {
    const engine = new LoudnessEngine();
    const client = connect(await serve(engine));
    await client.inbox.until(has('Ready'));
    const file = readFileSync('demo/samples/en-2.opus');
    for (let at = 0; at < file.length; at += 1_000) {
      const data = [...file.subarray(at, at + 1_000)];
      const head = Buffer.from('82a474797065a74f67674f707573a464617461', 'hex');
      // An array of bytes, as Rust writes them.
      const body = data.flatMap((byte) => (byte < 128 ? [byte] : [0xcc, byte]));
      client.socket.send(
        Buffer.concat([head, Buffer.from([0xdc, data.length >> 8, data.length & 255, ...body])]),
      );
    }
    client.socket.send(packer.marker(1));
    await client.inbox.until(has('Marker'));
    const [stream] = engine.streams;
    const seconds = (await loadAudioFile('demo/samples/en-2.opus', 16_000)).length / 16_000;
    // The decoder gives a page's last packets out when the next page begins.
    expect((stream?.heardMs ?? 0) / 1_000).toBeGreaterThan(seconds - 1);
    expect(client.inbox.all.some((message) => message?.type === 'Word')).toBe(true);
  });

  it('lets nobody in without a key it knows, by header or address', async () => {
    const server = await serve(new LoudnessEngine());
    for (const query of ['?auth_id=wrong', '?auth_id=', '']) {
      const socket = new WebSocket(address(server) + query);
      const [, response] = await once(socket, 'unexpected-response');
      expect(response.statusCode).toBe(401);
      socket.on('error', () => {}).terminate();
    }
    await connect(server, `?auth_id=${KEY}`).inbox.until(has('Ready'));
    const post = await fetch(`${address(server, 'http')}?auth_id=${KEY}`, { method: 'POST', body: 'x' });
    expect(post.status).toBe(401);
    expect(server.stats()).toMatchObject({ streams: 1, refusedKeys: 4 });
  });

  it('says after the upgrade that it is full, and lets the next one in when somebody has left', async () => {
    const server = await serve(new LoudnessEngine(), { maxStreams: 1 });
    const first = connect(server);
    await first.inbox.until(has('Ready'));
    const second = connect(server);
    await second.inbox.closed;
    expect(second.inbox.all).toEqual([{ type: 'Error', message: 'no free channels' }]);
    first.socket.close();
    await expect.poll(() => server.stats().streams, { interval: 5 }).toBe(0);
    await connect(server).inbox.until(has('Ready'));
  });

  it('says what is wrong with a malformed message, and ends only that client', async () => {
    const server = await serve(new LoudnessEngine());
    const [good, bad] = [connect(server), connect(server)];
    await good.inbox.until(has('Ready'));
    await bad.inbox.until(has('Ready'));
    bad.socket.send(Buffer.from('93010203', 'hex'));
    expect(await bad.inbox.closed).toBe(1007);
    expect(bad.inbox.all.at(-1)).toEqual({ type: 'Error', message: 'malformed message: a map is expected' });
    good.socket.send('a text frame is ignored');
    good.socket.send(packer.marker(1));
    await good.inbox.until(has('Marker'));
  });

  it('closes a client that sends too much at once', async () => {
    const client = connect(await serve(new LoudnessEngine()));
    await client.inbox.until(has('Ready'));
    client.socket.send(Buffer.alloc(3_000_000));
    expect(await client.inbox.closed).toBe(1009);
  });

  it('takes samples that are no numbers or too loud for what they can be', async () => {
    const engine = new LoudnessEngine();
    const client = connect(await serve(engine));
    await client.inbox.until(has('Ready'));
    const floats = Buffer.alloc(5 * 1_920);
    for (let i = 0; i < 1_920; i++) {
      floats[5 * i] = 0xca;
      floats.writeFloatBE([Number.NaN, Number.POSITIVE_INFINITY, -9, 0.1][i % 4] ?? 0, 5 * i + 1);
    }
    const head = Buffer.from('82a474797065a5417564696fa370636ddc0780', 'hex');
    for (let i = 0; i < 5; i++) client.socket.send(Buffer.concat([head, floats]));
    client.socket.send(packer.marker(1));
    await client.inbox.until(has('Marker'));
    expect(client.inbox.all.filter((message) => message?.type === 'Step')).toHaveLength(5);
  });

  it('tells about itself as moshi-server does', async () => {
    const server = await serve(new LoudnessEngine());
    const base = `http://127.0.0.1:${server.port}`;
    await connect(server).inbox.until(has('Ready'));
    expect(await (await fetch(`${base}/api/modules_info`)).json()).toEqual([
      {
        type: 'batched_asr',
        path: '/api/asr-streaming',
        lm: 'loudness',
        audio_tokenizer: 'loudness',
        used_slots: '1',
        total_slots: '2',
      },
    ]);
    expect(await (await fetch(`${base}/api/build_info`)).json()).toHaveProperty('git_describe');
    expect((await fetch(`${base}/secrets`)).status).toBe(404);
  });

  it.each([
    ['text', Buffer.from('no sound at all '.repeat(10)), 415],
    ['nothing', Buffer.alloc(0), 422],
    ['half a header', Buffer.from('RIFF....WAVEfmt '), 422],
  ])('refuses %s as a file', async (_, body, status) => {
    const server = await serve(new LoudnessEngine());
    const headers = { 'kyutai-api-key': KEY };
    const response = await fetch(address(server, 'http'), { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('error');
    expect(server.stats().streams).toBe(0);
  });
});

const model = 'models/whisper-base';
const workerUrl = new URL('../dist/agents/speech/windowed/windowed-worker.js', import.meta.url);
const lacking = [`${model}/encoder.onnx`, workerUrl.pathname].find((path) => !existsSync(path));
const reason = lacking ? ` (skipped: ${lacking} is not there; run npm run build)` : '';

describe.skipIf(reason !== '')(`real speech by moshi's protocol${reason}`, () => {
  const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z ]/g, '');

  it('is written down by Whisper for our own client and for a file', { timeout: 60_000 }, async () => {
    const server = await serve(await createWindowedEngine({ modelFolder: model, workerUrl }));
    const headers = { 'kyutai-api-key': KEY };
    const body = readFileSync('demo/samples/en-5.opus');
    const posted = await fetch(`${address(server, 'http')}?language=en`, { method: 'POST', headers, body });
    const list = (await posted.json()) as { type: string; text?: string; start_time?: number }[];
    const words = list.filter(({ type }) => type === 'Word');
    expect(letters(words.map(({ text }) => text).join(' '))).toContain('expected to help the team');
    const starts = words.map(({ start_time }) => start_time ?? -1);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));

    const client = await createMoshiEngine({
      urls: [address(server)],
      apiKey: KEY,
      delayMs: 480,
      maxSlots: 0,
    });
    closers.push(() => client.close());
    const speech = await loadAudioFile('demo/samples/en-5.opus', client.sampleRateHz);
    let said = '';
    const ended = new Promise<void>((resolve) => {
      const stream = client.openStream({
        language: 'en',
        onOutput: ({ events }) => {
          for (const event of events) if (event.type === 'text') said += event.text;
          if (events.some(({ type }) => type === 'end')) resolve();
        },
      });
      for (let at = 0; at < speech.length; at += 1_920) {
        const startMs = 5_000_000 + at / 24;
        stream.write(speech.subarray(at, at + 1_920), startMs, startMs);
      }
      stream.flush();
    });
    await ended;
    expect(letters(said)).toContain('expected to help the team');
  });
});
