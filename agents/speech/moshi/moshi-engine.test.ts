import { afterEach, expect, test } from 'vitest';
import { BURST_MS, burstSpeech, burstStartMs } from '../../../test/support/burst-speech.ts';
import { type StrictMoshiOptions, StrictMoshiServer } from '../../../test/support/strict-moshi-server.ts';
import type { SpeechEvent, SpeechStream } from '../speech-engine.ts';
import {
  createMoshiEngine,
  type MoshiEngine,
  type MoshiEngineOptions,
  streamingUrl,
} from './moshi-engine.ts';

const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
const LEAD_MS = 500;
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startServer(options: Partial<StrictMoshiOptions> = {}): Promise<StrictMoshiServer> {
  const server = await StrictMoshiServer.start(options);
  closers.push(() => server.close());
  return server;
}

async function startEngine(
  servers: readonly StrictMoshiServer[],
  options: Partial<MoshiEngineOptions> = {},
): Promise<MoshiEngine> {
  const urls = servers.map(({ url }) => url);
  const engine = await createMoshiEngine({
    urls,
    apiKey: 'public_token',
    delayMs: 480,
    maxSlots: 0,
    ...options,
  });
  closers.push(() => engine.close());
  return engine;
}

class Listening {
  readonly events: SpeechEvent[] = [];
  readonly stream: SpeechStream;
  readonly #waiting: { isMet: () => boolean; resolve: () => void }[] = [];
  #atMs = 1_000_000;

  constructor(engine: MoshiEngine) {
    this.stream = engine.openStream({
      language: 'en',
      onOutput: (output) => {
        expect(output.steppedMs).toBeGreaterThanOrEqual(output.gatheredMs);
        this.events.push(...output.events);
        for (const waiting of this.#waiting) if (waiting.isMet()) waiting.resolve();
      },
    });
  }

  get words(): string {
    return this.events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  }

  /** Words, `|` for an end and `[ms]` for skipped audio. */
  get story(): string {
    return this.events
      .map((event) => {
        if (event.type === 'text') return event.text;
        return event.type === 'end' ? ' |' : ` [${Math.round(event.toMs - event.fromMs)}]`;
      })
      .join('')
      .trim();
  }

  /** In frames of 20 ms, as fast as it goes; time goes on from the last call. */
  hear(samples: Int16Array): void {
    for (let at = 0; at < samples.length; at += 480) {
      this.stream.write(samples.subarray(at, at + 480), this.#atMs, this.#atMs);
      this.#atMs += 20;
    }
  }

  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  ends(count = 1): Promise<void> {
    return this.until(() => this.events.filter(({ type }) => type === 'end').length >= count);
  }
}

const silence = (ms: number) => new Int16Array(24 * ms);
const WHOLE = 'one two three four five six seven |';

test('what is said becomes words with their times, and an end', async () => {
  const server = await startServer();
  const heard = new Listening(await startEngine([server]));
  heard.hear(burstSpeech(WORDS, LEAD_MS, 1_000));
  await heard.ends();
  expect(heard.story).toBe(WHOLE);
  for (const [index, event] of heard.events.entries()) {
    if (event.type !== 'text') continue;
    const startMs = 1_000_000 + burstStartMs(index, LEAD_MS);
    expect(Math.abs(event.startMs - startMs)).toBeLessThanOrEqual(80);
    expect(event.endMs).toBeGreaterThan(event.startMs);
    expect(event.endMs).toBeLessThan(startMs + 2 * BURST_MS);
  }
  expect(server.violations).toEqual([]);
});

test('the key goes in the header, audio in messages of exactly one frame', async () => {
  const server = await startServer();
  const heard = new Listening(await startEngine([server]));
  heard.hear(burstSpeech(['one'], LEAD_MS, 1_000));
  await heard.ends();
  expect(server.logins.at(-1)).toEqual({ key: 'public_token', url: '/api/asr-streaming' });
  const [first] = server.received;
  expect(first?.subarray(0, 20).toString('hex')).toBe('82a474797065a5417564696fa370636ddc0780ca');
  const kinds = server.received.map(({ length }) => length);
  expect(new Set(kinds)).toEqual(new Set([19 + 5 * 1_920, 17]));
});

test('silence takes no connection, and the first word of a voice is not clipped', async () => {
  const server = await startServer();
  const engine = await startEngine([server]);
  const heard = new Listening(engine);
  heard.hear(silence(3_000));
  expect(server.logins).toHaveLength(1);
  expect(engine.stats()).toMatchObject({ openStreams: 1, activeStreams: 0, maxActiveStreams: 4, busy: 0 });
  heard.hear(burstSpeech(['nine', 'two'], 20, 1_000));
  await heard.ends();
  expect(heard.story).toBe('nine two |');
  const [first] = heard.events;
  expect(first?.type === 'text' && Math.abs(first.startMs - 1_003_020)).toBeLessThanOrEqual(80);
});

test('two turns are two utterances on one connection', async () => {
  const server = await startServer();
  const heard = new Listening(await startEngine([server]));
  heard.hear(burstSpeech(['one', 'two'], LEAD_MS, 1_500));
  heard.hear(burstSpeech(['three'], LEAD_MS, 1_500));
  await heard.ends(2);
  expect(heard.story).toBe('one two | three |');
  expect(server.logins).toHaveLength(2); // the trial at the start, and this one
});

test('a marker that comes too early does not end the utterance before its last words', async () => {
  const server = await startServer();
  server.othersSpeak = true;
  const heard = new Listening(await startEngine([server]));
  heard.hear(burstSpeech(WORDS, LEAD_MS, 1_000));
  await heard.ends();
  expect(heard.story).toBe(WHOLE);
});

test('a model that is later than we were told still ends its utterances', async () => {
  const server = await startServer({ delayFrames: 25 });
  const heard = new Listening(await startEngine([server]));
  heard.hear(burstSpeech(WORDS, LEAD_MS, 1_000));
  await heard.ends();
  expect(heard.story).toBe(WHOLE);
});

test('a server that never says what it took is believed by its markers and the clock', async () => {
  const server = await startServer({ steps: false });
  const heard = new Listening(await startEngine([server]));
  heard.hear(burstSpeech(WORDS, LEAD_MS, 1_000));
  await heard.ends();
  expect(heard.story).toBe(WHOLE);
});

test('muting says the last word at once', async () => {
  const server = await startServer();
  const heard = new Listening(await startEngine([server]));
  heard.hear(burstSpeech(['one', 'two'], LEAD_MS, 0));
  heard.stream.flush();
  await heard.ends();
  expect(heard.story).toBe('one two |');
});

test('a mark is reached when all before it was said', async () => {
  const server = await startServer();
  const heard = new Listening(await startEngine([server]));
  heard.hear(burstSpeech(WORDS, LEAD_MS, 100));
  const saidAtMark = new Promise<string>((resolve) => heard.stream.mark(() => resolve(heard.words)));
  expect(heard.stream.backlogMs).toBeGreaterThan(0);
  heard.hear(burstSpeech(['eight', 'nine', 'ten'], 0, 1_000));
  expect(await saidAtMark).toContain('seven');
  await heard.ends();
  const inSilence = new Promise<void>((resolve) => heard.stream.mark(resolve));
  await inSilence;
  expect(heard.stream.backlogMs).toBe(0);
});

test.each([300, 900, 1_300, 2_000, 2_700, 3_300])(
  'a connection lost when %i ms were sent repeats and loses no word',
  async (cutMs) => {
    const server = await startServer();
    const engine = await startEngine([server]);
    const heard = new Listening(engine);
    const speech = burstSpeech(WORDS, 0, 1_000);
    heard.hear(speech.subarray(0, 24 * cutMs));
    const frames = Math.floor(cutMs / 80) - 2;
    await expect.poll(() => server.received.length, { interval: 2 }).toBeGreaterThanOrEqual(frames);
    server.cut();
    heard.hear(speech.subarray(24 * cutMs));
    await heard.ends();
    expect(heard.story).toBe(WHOLE);
    expect(engine.counters.lostConnections).toBeGreaterThanOrEqual(1);
  },
);

test('speech that brings no word for 15 s is heard by a new stream', async () => {
  const server = await startServer();
  const engine = await startEngine([server]);
  const heard = new Listening(engine);
  // Loud enough for the gate, too faint for the model.
  const murmur = burstSpeech(WORDS, 0, 0).map((sample) => Math.sign(sample) * 290);
  for (let i = 0; i < 6; i++) {
    heard.hear(murmur);
    // A new stream goes back by five seconds: with more than two waiting and the next three, the oldest would be skipped.
    await expect.poll(() => heard.stream.backlogMs, { interval: 5 }).toBeLessThan(1_000);
  }
  await expect.poll(() => engine.counters.wordless, { interval: 5 }).toBe(1);
  await expect.poll(() => server.logins.length, { interval: 5 }).toBe(3);
  heard.hear(burstSpeech(['one'], 0, 1_000));
  await heard.ends();
  // On a busy machine some of the murmur may have been skipped, and told so.
  expect(heard.story).toMatch(/^(\[80\] )*one \|$/);
});

test('a full server is waited for, and what was said meanwhile is not lost', async () => {
  const server = await startServer();
  const engine = await startEngine([server]);
  server.fill();
  const heard = new Listening(engine);
  heard.hear(burstSpeech(WORDS, LEAD_MS, 1_000));
  await expect.poll(() => engine.counters.full, { interval: 5 }).toBeGreaterThan(1);
  expect(engine.stats()).toMatchObject({ activeStreams: 1, busy: 1 });
  expect(heard.events).toEqual([]);
  server.empty();
  await heard.ends();
  expect(heard.story).toBe(WHOLE);
});

test('the next server takes over where one is full or gone', async () => {
  const [full, good] = [await startServer(), await startServer()];
  const engine = await startEngine([full, good]);
  full.fill();
  for (const word of ['one', 'two']) {
    const heard = new Listening(engine);
    heard.hear(burstSpeech([word], LEAD_MS, 1_000));
    await heard.ends();
    expect(heard.words).toBe(` ${word}`);
  }
  await full.close();
  const heard = new Listening(engine);
  heard.hear(burstSpeech(['three'], LEAD_MS, 1_000));
  await heard.ends();
  expect(heard.words).toBe(' three');
});

test('a server that stands still gets no more than it can hold, and what is too old is skipped visibly', async () => {
  const server = await startServer();
  const engine = await startEngine([server]);
  const heard = new Listening(engine);
  heard.hear(burstSpeech(['one', 'two'], LEAD_MS, 0));
  await heard.until(() => heard.words.includes('one'));
  server.frozen = true;
  for (let i = 0; i < 5; i++) heard.hear(burstSpeech(WORDS, 200, 0));
  expect(server.waiting).toBeLessThanOrEqual(25);
  expect(heard.story).toMatch(/\[\d+\]/);
  expect(engine.stats().skippedAudioMs).toBeGreaterThan(1_000);
  server.frozen = false;
  heard.hear(burstSpeech(['ten'], 200, 1_000));
  await heard.ends();
  expect(heard.words.endsWith(' ten')).toBe(true);
});

test('no more connections are opened than allowed', async () => {
  const server = await startServer();
  const engine = await startEngine([server], { maxSlots: 1 });
  const first = new Listening(engine);
  const second = new Listening(engine);
  first.hear(burstSpeech(['one'], LEAD_MS, 1_000));
  second.hear(burstSpeech(['two'], LEAD_MS, 1_000));
  await first.ends();
  expect(server.connections).toBe(1);
  expect(second.events).toEqual([]);
  first.stream.close();
  await second.ends();
  expect(second.words).toBe(' two');
});

test('a stream that is closed frees its connection and says nothing more', async () => {
  const server = await startServer();
  const engine = await startEngine([server]);
  const heard = new Listening(engine);
  heard.hear(burstSpeech(WORDS, LEAD_MS, 0));
  await heard.until(() => heard.words.includes('one'));
  heard.stream.close();
  const told = heard.events.length;
  await expect.poll(() => server.connections, { interval: 2 }).toBe(0);
  expect(heard.events.length).toBe(told);
  expect(engine.stats()).toMatchObject({ openStreams: 0, activeStreams: 0, busy: 0 });
});

test('at the start a wrong key and a missing server are told apart', async () => {
  const server = await startServer();
  await expect(startEngine([server], { apiKey: 'wrong' })).rejects.toMatchObject({
    code: 'moshi-key-refused',
  });
  const { url } = server;
  await server.close();
  await expect(startEngine([], { urls: [url] })).rejects.toMatchObject({
    code: 'moshi-unreachable',
    retryable: true,
  });
});

test('an address may be written in any of the usual ways', () => {
  expect(streamingUrl('http://gpu:8080')).toBe('ws://gpu:8080/api/asr-streaming');
  expect(streamingUrl('wss://gpu/stt/api/asr-streaming')).toBe('wss://gpu/stt/api/asr-streaming');
});
