import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FileRecogniser } from './file-recogniser.ts';
import { joined, loudWords, silence } from './fixtures/loud-words.ts';
import { STREAMING } from './streaming-settings.ts';

const modelFolder = new URL('./fixtures/probe', import.meta.url).pathname;
const workerUrl = new URL('../../../dist/agents/speech/streaming/streaming-worker.js', import.meta.url);

let recogniser: FileRecogniser;

beforeAll(async () => {
  recogniser = await FileRecogniser.open({ modelFolder, threads: 1, workerUrl });
});

afterAll(() => recogniser?.close());

/** What is said in samples that come in pieces of this length, and when its words begin. */
async function hear(samples: Int16Array, piece: number): Promise<{ text: string; startsMs: number[] }> {
  let text = '';
  const startsMs: number[] = [];
  const pieces = Array.from({ length: Math.ceil(samples.length / piece) }, (_, i) =>
    samples.subarray(i * piece, (i + 1) * piece),
  );
  await recogniser.recognise([
    {
      samples: pieces,
      language: 'en',
      onEvents: (events) => {
        for (const event of events) {
          text += event.type === 'text' ? event.text : '|';
          if (event.type === 'text') startsMs.push(event.startMs);
        }
      },
    },
  ]);
  return { text, startsMs };
}

test('recordings of any length, in pieces of any length, are heard to their last sound', async () => {
  const samples = joined(loudWords('abcdefgh'.repeat(9)), silence(1_000), loudWords('cab'));
  for (const piece of [997, 16_000, samples.length]) {
    const { text, startsMs } = await hear(samples, piece);
    expect(text).toBe(`${[...'abcdefgh'.repeat(9)].join(' ')}|c a b|`);
    expect(Math.abs((startsMs.at(-1) ?? 0) - (72 * 160 + 1_000 + 320))).toBeLessThan(80.1);
  }
});

test('recordings side by side are told apart, and silence is nothing', async () => {
  const heard = await Promise.all([
    hear(loudWords('abeb'), 1_280),
    hear(silence(3_000), 1_280),
    hear(loudWords('head'), 320),
  ]);
  expect(heard.map(({ text }) => text)).toEqual(['a b e b|', '', 'h e a d|']);
});

test('a recording that is long in coming is one utterance all the same', async () => {
  let text = '';
  async function* slowly(): AsyncGenerator<Int16Array> {
    yield loudWords('abcd');
    await pause(STREAMING.stalledMs + 200);
    yield loudWords('efgh');
  }
  await recogniser.recognise([
    {
      samples: slowly(),
      language: 'en',
      onEvents: (events) => {
        for (const event of events) text += event.type === 'text' ? event.text : '|';
      },
    },
  ]);
  expect(text).toBe('a b c d e f g h|');
});

test('recordings that speak all at once wait for a place and lose nothing', async () => {
  const narrow = await FileRecogniser.open({ modelFolder, threads: 1, maxSlots: 2, workerUrl });
  const texts = Array.from({ length: 6 }, () => '');
  const words = texts.map((_, i) => 'abcdefgh'.slice(i).repeat(12));
  await narrow.recognise(
    words.map((letters, i) => ({
      samples: [loudWords(letters)],
      language: 'en',
      onEvents: (events) => {
        for (const event of events) texts[i] += event.type === 'text' ? event.text : `(${event.type})`;
      },
    })),
  );
  await narrow.close();
  expect(texts).toEqual(words.map((letters) => `${[...letters].join(' ')}(end)`));
});
