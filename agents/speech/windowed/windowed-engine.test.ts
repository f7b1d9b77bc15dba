import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadAudioFile } from '../../audio/audio-file.ts';
import { toInt16 } from '../../audio/int16-samples.ts';
import { createResampler } from '../../audio/resample.ts';
import type { SpeechEngine, SpeechEvent, SpeechStream, StreamLanguage } from '../speech-engine.ts';
import { FileRecogniser } from './file-recogniser.ts';
import { createWindowedEngine } from './windowed-engine.ts';

const root = new URL('../../../', import.meta.url).pathname;
const model = process.env.SURTITRE_MODEL ?? `${root}models/whisper-base`;
const workerUrl = new URL('../../../dist/agents/speech/windowed/windowed-worker.js', import.meta.url);
const english = `${root}../shared/audio/jfk.en.flac`;
const french = `${root}../shared/audio/dictee.fr.aiff`;

const missing = [`${model}/manifest.json`, english, french, workerUrl.pathname].filter(
  (path) => !existsSync(path),
);
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not in this checkout`);
const withModel = test.skipIf(missing.length > 0);

const RATE_HZ = 16_000;

let recogniser: FileRecogniser;
let engine: SpeechEngine;
let jfk: Int16Array;
let dictee: Int16Array;

beforeAll(async () => {
  if (missing.length > 0) return;
  recogniser = await FileRecogniser.open(model, 1);
  engine = await createWindowedEngine({ modelFolder: model, workerUrl, maxStreams: 4 });
  jfk = await loadAudioFile(english, RATE_HZ);
  dictee = await loadAudioFile(french, RATE_HZ);
}, 60_000);

afterAll(async () => {
  await recogniser?.close();
  await engine?.close();
});

function textOf(events: readonly SpeechEvent[]): string {
  return events
    .map((event) => (event.type === 'text' ? event.text : event.type === 'end' ? ' ' : ''))
    .join('')
    .trim();
}

async function recognise(
  recordings: readonly (readonly [Int16Array, StreamLanguage])[],
): Promise<SpeechEvent[][]> {
  const heard = recordings.map((): SpeechEvent[] => []);
  await recogniser.recognise(
    recordings.map(([samples, language], index) => ({
      samples: [samples],
      language,
      onEvents: (events) => heard[index]?.push(...events),
    })),
  );
  return heard;
}

interface Listening {
  readonly stream: SpeechStream;
  readonly events: SpeechEvent[];
  /** Resolves when an utterance ends after `lastMs`. */
  readonly ended: Promise<void>;
}

/** Opens a stream of the live engine and keeps what it is told. */
function listen(language: StreamLanguage, lastMs = 0): Listening {
  const events: SpeechEvent[] = [];
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const stream = engine.openStream({
    language,
    onOutput: (output) => {
      events.push(...output.events);
      expect(output.steppedMs).toBeGreaterThanOrEqual(output.gatheredMs - 2);
      expect(output.gatheredMs).toBeGreaterThanOrEqual(output.readMs - 2);
      if (output.events.some((event) => event.type === 'end' && event.endMs > lastMs)) end();
    },
  });
  return { stream, events, ended };
}

/** Frames of 80 ms, all at once; returns the time after the last one. */
function writeAll(stream: SpeechStream, samples: Int16Array, startMs: number): number {
  for (let at = 0; at < samples.length; at += 1_280) {
    stream.write(samples.subarray(at, at + 1_280), startMs + at / 16, startMs + at / 16);
  }
  return startMs + samples.length / 16;
}

withModel('a known English sentence is heard, from its first word to its last', async () => {
  const [events = []] = await recognise([[jfk, 'en']]);
  const words = textOf(events)
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, '');
  expect(words.startsWith('and so my fellow americans')).toBe(true);
  expect(words.endsWith('ask what you can do for your country')).toBe(true);
});

withModel('the language is heard by itself and every word has its time', async () => {
  const [english = [], other = []] = await recognise([
    [jfk, 'auto'],
    [dictee, 'auto'],
  ]);
  for (const [events, language, lengthMs] of [
    [english, 'en', 11_000],
    [other, 'fr', 2_533],
  ] as const) {
    let lastMs = 0;
    for (const event of events) {
      if (event.type !== 'text') continue;
      expect(event.language).toBe(language);
      expect(event.startMs).toBeGreaterThanOrEqual(lastMs);
      expect(event.endMs).toBeGreaterThanOrEqual(event.startMs);
      lastMs = event.endMs;
    }
    expect(lastMs).toBeGreaterThan(lengthMs * 0.7);
    expect(lastMs).toBeLessThan(lengthMs + 100);
    expect(events.at(-1)?.type).toBe('end');
  }
  expect(textOf(other).toLowerCase()).toContain('dictée');
});

withModel(
  'two voices in one batch say what each says alone',
  async () => {
    const together = await recognise([
      [jfk, 'en'],
      [dictee, 'fr'],
    ]);
    const [aloneEnglish = []] = await recognise([[jfk, 'en']]);
    const [aloneFrench = []] = await recognise([[dictee, 'fr']]);
    expect(together.map(textOf)).toEqual([textOf(aloneEnglish), textOf(aloneFrench)]);
  },
  60_000,
);

withModel(
  'silence, noise and a tone are no words',
  async () => {
    let state = 1;
    const noise = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 31 - 1;
    };
    const sounds = [
      () => 0,
      () => 0.05 * noise(),
      (t: number) => 0.3 * Math.sin(2 * Math.PI * 440 * t),
      (t: number) => (t % 3 < 0.4 ? 0.3 * noise() : 0),
    ].map((wave) =>
      Int16Array.from({ length: 10 * RATE_HZ }, (_, i) => Math.round(32_767 * wave(i / RATE_HZ))),
    );
    const heard = await recognise(sounds.map((samples) => [samples, 'auto'] as const));
    expect(heard.map(textOf)).toEqual(['', '', '', '']);
  },
  60_000,
);

withModel(
  'speech that is clipped, or comes by telephone, is still understood',
  async () => {
    const clipped = jfk.map((sample) => Math.max(-32_768, Math.min(32_767, sample * 12)));
    const share = clipped.filter((sample) => Math.abs(sample) >= 32_767).length / clipped.length;
    expect(share).toBeGreaterThan(0.2);
    const there = await createResampler(RATE_HZ, 8_000);
    const back = await createResampler(8_000, RATE_HZ);
    const telephone = toInt16(back.push(there.push(Float32Array.from(jfk, (sample) => sample / 32_768))));
    for (const resampler of [there, back]) resampler.close();
    const heard = await recognise([
      [clipped, 'en'],
      [telephone, 'en'],
    ]);
    for (const text of heard.map(textOf)) {
      expect(text.toLowerCase()).toContain('what your country can do for you');
    }
  },
  60_000,
);

withModel(
  'a live stream is told everything when it is flushed, and nothing after it closed',
  async () => {
    const { stream, events, ended } = listen('en', 1_009_000);
    writeAll(stream, jfk, 1_000_000);
    stream.flush();
    await ended;
    stream.close();
    stream.close();
    const told = events.length;
    expect(textOf(events).toLowerCase()).toContain('country');
    expect(events.every((event) => event.type !== 'text' || event.startMs >= 1_000_000)).toBe(true);

    // The slot is used again at once: nothing of the first voice may reach the second.
    const next = listen('fr');
    writeAll(next.stream, dictee, 2_000_000);
    next.stream.flush();
    await next.ended;
    expect(textOf(next.events).toLowerCase()).not.toContain('country');
    expect(events.length).toBe(told);
    next.stream.close();
    expect(engine.stats().openStreams).toBe(0);
  },
  60_000,
);

withModel(
  'a stream that closes in mid-speech leaves nothing to the next holder of its slot',
  async () => {
    const first = listen('en');
    writeAll(first.stream, jfk, 1_000_000);
    first.stream.close();
    const second = listen('fr');
    writeAll(second.stream, dictee, 2_000_000);
    second.stream.flush();
    await second.ended;
    expect(first.events).toEqual([]);
    expect(textOf(second.events).toLowerCase()).not.toContain('americans');
    second.stream.close();
  },
  60_000,
);

withModel(
  'audio that the engine cannot take in time is skipped, and it says so',
  async () => {
    const { stream, events, ended } = listen('en', 1_050_000);
    let atMs = writeAll(stream, jfk, 1_000_000);
    for (let i = 0; i < 4; i++) atMs = writeAll(stream, jfk, atMs);
    stream.flush();
    await ended;
    const skipped = events.find((event) => event.type === 'skipped');
    expect(skipped).toBeDefined();
    expect(engine.stats().skippedAudioMs).toBeGreaterThan(1_000);
    stream.close();
  },
  60_000,
);

withModel(
  'a mark is reached when all before it was said, in speech and in silence, in order',
  async () => {
    const { stream, events } = listen('en');
    const reached: string[] = [];
    const mark = (name: string) =>
      new Promise<void>((resolve) => {
        stream.mark(() => {
          reached.push(`${name}: ${textOf(events).split(' ').length > 15 ? 'all' : 'little'} said`);
          resolve();
        });
      });
    const before = mark('before');
    const atMs = writeAll(stream, jfk, 1_000_000);
    const after = mark('after');
    writeAll(stream, new Int16Array(RATE_HZ), atMs);
    expect(stream.backlogMs).toBeGreaterThan(0);
    await Promise.all([before, after, mark('end')]);
    expect(reached).toEqual(['before: little said', 'after: all said', 'end: all said']);
    expect(stream.backlogMs).toBe(0);
    stream.close();
  },
  60_000,
);

withModel('more streams than there are slots are refused', () => {
  const open = Array.from({ length: 4 }, () => listen('fr').stream);
  expect(() => listen('fr')).toThrow(expect.objectContaining({ code: 'engine-full' }));
  for (const stream of open) stream.close();
});

test('a folder without a model is named in the error', async () => {
  await expect(FileRecogniser.open('/nowhere', 1)).rejects.toMatchObject({ code: 'model-missing' });
});
