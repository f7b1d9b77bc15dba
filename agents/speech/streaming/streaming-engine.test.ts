/** The live engine with its real worker thread, over a graph that spells loudness: which audio reaches the model? */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpeechEvent } from '../speech-engine.ts';
import { listen } from './fixtures/listening.ts';
import { joined, loudWords, silence } from './fixtures/loud-words.ts';
import { createStreamingEngine, type StreamingEngine } from './streaming-engine.ts';

const probe = new URL('./fixtures/probe', import.meta.url).pathname;
const workerUrl = new URL('../../../dist/agents/speech/streaming/streaming-worker.js', import.meta.url);
const START_MS = 1_700_000_000_000;
/** Longer than the pause that ends an utterance. */
const PAUSE = silence(1_000);

let engine: StreamingEngine;

beforeAll(async () => {
  engine = await createStreamingEngine({ modelFolder: probe, workerUrl, workers: 1, maxSlots: 3 });
});

afterAll(() => engine?.close());

function startsOf(events: readonly SpeechEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'text' ? [event.startMs - START_MS] : []));
}

test.each([0, 7, 20, 33, 50, 79])(
  'a word that begins with the first sound is not clipped, %i ms into a step',
  async (offsetMs) => {
    const speaker = listen(engine);
    const audio = joined(silence(1_000 + offsetMs), loudWords('bdfh'), PAUSE);
    await speaker.write(audio, START_MS);
    await speaker.heard();
    await speaker.told('end');
    expect(speaker.text()).toBe('b d f h|');
    // Steps see a letter as soon as it has begun: at most one step early, never late.
    for (const [index, startMs] of startsOf(speaker.events).entries()) {
      const spokenMs = 1_000 + offsetMs + index * 160;
      expect(startMs).toBeGreaterThan(spokenMs - 80.1);
      expect(startMs).toBeLessThanOrEqual(spokenMs + 0.1);
    }
    speaker.stream.close();
  },
);

test('a track is heard from its very first sample, whatever the length of its frames', async () => {
  for (const frameMs of [10, 20, 80, 100]) {
    const speaker = listen(engine);
    await speaker.write(joined(loudWords('aceg'), PAUSE), START_MS, frameMs);
    await speaker.told('end');
    expect(speaker.text()).toBe('a c e g|');
    speaker.stream.close();
  }
});

test('an utterance ends at a pause, and what follows is another one on the same clock', async () => {
  const speaker = listen(engine);
  const audio = joined(loudWords('ab'), PAUSE, loudWords('cd'), silence(500), loudWords('e'), PAUSE);
  await speaker.write(audio, START_MS);
  await speaker.heard();
  expect(speaker.text()).toBe('a b|c d e|');
  for (const [index, spokenMs] of [0, 160, 1_320, 1_480, 2_140].entries()) {
    const startMs = startsOf(speaker.events)[index] ?? Number.NaN;
    expect(Math.abs(startMs - spokenMs)).toBeLessThan(80.1);
  }
  speaker.stream.close();
});

test('150 open microphones with three speakers hold three slots', async () => {
  const microphones = Array.from({ length: 150 }, () => listen(engine));
  let mostActive = 0;
  engine.onStepDone(() => {
    mostActive = Math.max(mostActive, engine.stats().activeStreams);
  });
  const hiss = silence(2_600).map((_, i) => ((i * 7_919) % 41) - 20);
  const speech = joined(loudWords('acegbdfh'), PAUSE, silence(320));
  await Promise.all(
    microphones.map(({ write }, index) => write(index % 50 === 0 ? speech : hiss, START_MS, 80)),
  );
  await Promise.all(microphones.map(({ heard }) => heard()));
  expect(engine.stats().openStreams).toBe(150);
  expect(mostActive).toBe(3);
  const texts = microphones.map(({ text }) => text());
  expect(texts.filter((_, index) => index % 50 === 0)).toEqual(Array(3).fill('a c e g b d f h|'));
  expect(texts.filter((_, index) => index % 50 !== 0).join('')).toBe('');
  for (const { stream } of microphones) stream.close();
  engine.onStepDone(() => {});
});

test('who speaks without a slot is told so at once, gets the next free one, and disturbs nobody', async () => {
  const long = loudWords('abcdefgh'.repeat(3));
  const speakers = [listen(engine), listen(engine), listen(engine), listen(engine)];
  // Three are heard to have begun before the fourth does.
  await Promise.all(speakers.slice(0, 3).map(({ write }) => write(long.subarray(0, 20_480), START_MS)));
  await Promise.all(speakers.slice(0, 3).map(({ told }) => told('text')));
  const late = speakers[3];
  if (!late) throw new Error('four speakers');
  await late.write(loudWords('cccccccccc'), START_MS);
  await late.told('skipped');
  expect(engine.stats().maxActiveStreams).toBe(3);
  await Promise.all(
    speakers.slice(0, 3).map(({ write }) => write(joined(long.subarray(20_480), PAUSE), START_MS + 1_280)),
  );
  await Promise.all(speakers.slice(0, 3).map(({ told }) => told('end')));
  await late.write(joined(loudWords('fh'), PAUSE), START_MS + 1_600);
  await late.told('end');
  expect(late.text()).toMatch(/^~+(c )?f h\|$/);
  const whole = `${[...'abcdefgh'.repeat(3)].join(' ')}|`;
  expect(speakers.slice(0, 3).map(({ text }) => text())).toEqual([whole, whole, whole]);
  for (const { stream } of speakers) stream.close();
});

test.each([
  ['makes the state not-a-number', -32_768],
  ['makes the graph fail', 32_700],
])('audio that %s costs its own stream a marked gap, and others nothing', async (_, sample) => {
  const good = listen(engine);
  const bad = listen(engine);
  const broken = loudWords('abcdefgh');
  broken[10_240] = sample;
  await Promise.all([
    good.write(joined(loudWords('abcdefgh'), PAUSE), START_MS),
    bad.write(joined(broken, PAUSE), START_MS),
  ]);
  await Promise.all([good.heard(), bad.heard()]);
  expect(good.text()).toBe('a b c d e f g h|');
  expect(bad.text()).toMatch(/^a b( c)?( d)?\|~(e )?f g h\|$/);
  for (const { stream } of [good, bad]) stream.close();
});

test('a track that stops without an end is brought to its end', async () => {
  const speaker = listen(engine);
  await speaker.write(loudWords('adg'), START_MS);
  await speaker.told('end');
  expect(speaker.text()).toBe('a d g|');
  speaker.stream.close();
});

test('a mute brings out at once what is still in the model', async () => {
  const speaker = listen(engine);
  await speaker.write(loudWords('adg'), START_MS);
  speaker.stream.flush();
  await speaker.told('end');
  expect(speaker.text()).toBe('a d g|');
  const nextMs = await speaker.write(loudWords('beh'), START_MS + 10_000);
  speaker.stream.flush();
  await speaker.heard();
  expect(speaker.text()).toMatch(/^a d g\|b e h\|?$/);
  expect(nextMs).toBe(START_MS + 10_480);
  expect(startsOf(speaker.events)[3]).toBeGreaterThan(9_900);
  speaker.stream.close();
});

test('silence and a stream that closes in mid-speech leave nothing behind', async () => {
  const silent = listen(engine);
  await silent.write(silence(2_000), START_MS);
  silent.stream.flush();
  await silent.heard();
  const gone = listen(engine);
  await gone.write(loudWords('abcd'), START_MS);
  gone.stream.close();
  gone.stream.close();
  const next = listen(engine);
  await next.write(joined(loudWords('gh'), PAUSE), START_MS);
  await next.told('end');
  expect(next.text()).toBe('g h|');
  expect(silent.text()).toBe('');
  expect(gone.events.every(({ type }) => type === 'text')).toBe(true);
  for (const { stream } of [silent, next]) stream.close();
  expect(engine.stats().openStreams).toBe(0);
});

test('a live stream that the model cannot follow skips audio, whole and marked', async () => {
  const speaker = listen(engine);
  const audio = loudWords('abcdefgh'.repeat(20));
  // All at once, as a stalled process would find it: far more than the ring holds.
  for (let at = 0; at < audio.length; at += 320) {
    speaker.stream.write(audio.subarray(at, at + 320), START_MS + at / 16, START_MS + at / 16);
  }
  const endMs = START_MS + audio.length / 16;
  await speaker.told('skipped');
  await speaker.write(joined(PAUSE, loudWords('bdf'), PAUSE), endMs);
  await speaker.heard();
  expect(speaker.text()).toMatch(/~.*\|b d f\|$/);
  expect(engine.stats().skippedAudioMs).toBeGreaterThan(20_000);
  speaker.stream.close();
});

test('several threads share the streams, and each stream stays in one', async () => {
  const two = await createStreamingEngine({ modelFolder: probe, workerUrl, workers: 2, maxSlots: 2 });
  const speakers = Array.from({ length: 4 }, () => listen(two));
  await Promise.all(speakers.map(({ write }) => write(joined(loudWords('ah'), PAUSE), START_MS)));
  await Promise.all(speakers.map(({ heard }) => heard()));
  expect(speakers.map(({ text }) => text())).toEqual(Array(4).fill('a h|'));
  expect(two.stats()).toMatchObject({ openStreams: 4, maxActiveStreams: 4 });
  expect(two.workerStats.every(({ loop }) => loop.rows > 0)).toBe(true);
  await two.close();
});

test('more streams than may be open are refused', async () => {
  const small = await createStreamingEngine({ modelFolder: probe, workerUrl, workers: 1, maxStreams: 2 });
  const open = [listen(small), listen(small)];
  expect(() => listen(small)).toThrow(expect.objectContaining({ code: 'engine-full' }));
  open[0]?.stream.close();
  expect(() => listen(small)).not.toThrow();
  await small.close();
});

test('a model thread that dies is replaced, speakers are told, and a third death ends the engine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'surtitre-'));
  const deaths = join(folder, 'deaths');
  process.env.SURTITRE_TEST_DEATHS = deaths;
  const mortal = await createStreamingEngine({
    modelFolder: probe,
    workers: 1,
    workerUrl: new URL('./fixtures/dying-worker.mjs', import.meta.url),
  });
  const failed = new Promise<Error>((resolve) => mortal.onFailed(resolve));
  const speaker = listen(mortal);
  const silent = listen(mortal);
  await speaker.write(loudWords('abcdef'), START_MS);
  await silent.write(silence(960), START_MS);
  await speaker.told('text');

  writeFileSync(deaths, '1');
  await speaker.told('skipped');
  await speaker.write(joined(loudWords('gh'), PAUSE), START_MS + 2_000);
  await speaker.heard();
  expect(speaker.text()).toMatch(/^a.*\|~g h\|$/);
  expect(silent.text()).toBe('');

  writeFileSync(deaths, '2');
  expect(await failed).toMatchObject({ code: 'engine-failed' });
  await mortal.close();
  rmSync(folder, { recursive: true });
});
