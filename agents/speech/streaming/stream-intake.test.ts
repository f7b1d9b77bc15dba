/** One stream's audio on its way to a slot, looked at by hand: the model takes its steps when the test says so. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSharedRing, SampleRingWriter } from '../../audio/sample-ring.ts';
import { BatchLoop } from './batch-loop.ts';
import { joined, loudWords, silence } from './fixtures/loud-words.ts';
import { readStepModel, type StepModelFiles } from './model-folder.ts';
import { SlotState } from './slot-state.ts';
import { SlotTable } from './slot-table.ts';
import { StepSession } from './step-session.ts';
import { type IntakeTools, StreamIntake } from './stream-intake.ts';
import { STREAMING } from './streaming-settings.ts';

const RATE_HZ = 16_000;
const FRAME = RATE_HZ / 50;
let files: StepModelFiles;
let session: StepSession;

beforeAll(async () => {
  files = await readStepModel(new URL('./fixtures/probe', import.meta.url).pathname);
  session = await StepSession.load(files, 1);
});

afterAll(() => session?.close());

function openIntake(settings: Partial<IntakeTools> = {}) {
  const slots = new SlotTable(files, new SlotState(session, 1));
  const loop = new BatchLoop(session, slots);
  const ring = createSharedRing((RATE_HZ * STREAMING.ringMs) / 1000, 64);
  const writer = new SampleRingWriter(ring);
  const { stepSamples, audio } = files.manifest;
  const intake = new StreamIntake(
    {
      sampleRateHz: RATE_HZ,
      stepSamples,
      after: audio.after,
      languages: ['en'],
      preRollMs: STREAMING.preRollMs,
      stalledMs: STREAMING.stalledMs,
      buffer: new Int16Array(FRAME),
      lease: (stream) => slots.lease(stream),
      handleGivenUp: () => {},
      handleEvent: () => {},
      ...settings,
    },
    { lease: { slot: 0, generation: 1 }, ring, from: writer.position, language: 'en' },
  );
  return { intake, loop, writer };
}

test('audio that waits because the model is behind is no pause', async () => {
  const { intake, loop, writer } = openIntake();
  const words = loudWords('abcdefgh'.repeat(2));
  const write = (from: number, to: number): void => {
    for (let at = from; at < Math.min(to, words.length); at += FRAME) {
      writer.write(words.subarray(at, at + FRAME), at / 16, at / 16 + 20);
    }
  };
  // No step is taken: the slot is given a second, and the rest waits in the ring.
  let written = 0;
  for (; !intake.slot?.isFull; written += FRAME) {
    write(written, written + FRAME);
    intake.drain({ nowMs: written / 16, untilBeatMs: 0 });
  }
  write(written, written + 5 * FRAME);
  written += 5 * FRAME;
  intake.drain({ nowMs: written / 16 + 3 * STREAMING.stalledMs, untilBeatMs: 0 });
  while ((await loop.round(true)) > 0);
  for (; written < words.length; written += 10 * FRAME) {
    write(written, written + 10 * FRAME);
    intake.drain({ nowMs: written / 16 + 3 * STREAMING.stalledMs, untilBeatMs: 0 });
    while ((await loop.round(true)) > 0);
  }
  const said = intake.events.map((event) => (event.type === 'text' ? event.text : event.type)).join('');
  expect(said).not.toContain('end');
  expect([...'abcdefgh'.repeat(2)].join(' ').startsWith(said)).toBe(true);
  expect(said.length).toBeGreaterThan(20);
});

test.each([480, 960])('is heard from %i ms before its voice was noticed', (preRollMs) => {
  const { intake, writer } = openIntake({ preRollMs });
  const samples = joined(silence(3_000), loudWords('ab'));
  let at = 0;
  for (; !intake.slot; at += FRAME) {
    writer.write(samples.subarray(at, at + FRAME), at / 16, at / 16 + 20);
    intake.drain({ nowMs: at / 16, untilBeatMs: 0 });
  }
  // Less what makes the steps come out on the beat.
  const beforeMs = at / 16 - intake.slot.heardMs;
  expect(beforeMs).toBeGreaterThan(preRollMs - 80);
  expect(beforeMs).toBeLessThanOrEqual(preRollMs);
});

describe('an utterance', () => {
  /** What is said of the words, and where utterances end, when they are heard in their own time. */
  async function hearAll(words: Int16Array, utteranceMs?: number): Promise<string> {
    const { intake, loop, writer } = openIntake({ utteranceMs });
    const samples = joined(words, silence(2 * STREAMING.endMs));
    for (let at = 0; at < samples.length; at += FRAME) {
      writer.write(samples.subarray(at, at + FRAME), at / 16, at / 16 + 20);
      intake.drain({ nowMs: at / 16, untilBeatMs: 0 });
      while ((await loop.round(true)) > 0);
    }
    return intake.events.map((event) => (event.type === 'text' ? event.text : '|')).join('');
  }

  // Letters of 160 ms: 1.6 s, a pause of 320 ms, 1.6 s again.
  const twice = loudWords('abcdefghab  cdefghabcd');

  test('goes on over a short pause', async () => {
    expect(await hearAll(twice)).toBe('a b c d e f g h a b c d e f g h a b c d|');
  });

  test('ends at a short pause when it is as long as the model remembers', async () => {
    expect(await hearAll(twice, 1_500)).toBe('a b c d e f g h a b|c d e f g h a b c d|');
  });

  test('ends wherever it is when it is twice as long, and loses nothing', async () => {
    const said = await hearAll(loudWords('abcdefgh'.repeat(4)), 1_000);
    expect(said.split('|').length).toBeGreaterThan(2);
    // A letter that is cut in two is said twice.
    const joint = said.replaceAll(/([a-h])\|\1/g, '$1');
    expect(joint.replaceAll(' ', '')).toBe(`${'abcdefgh'.repeat(4)}|`);
  });
});
