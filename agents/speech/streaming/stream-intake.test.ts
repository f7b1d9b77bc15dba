/** One stream's audio on its way to a slot, looked at by hand: the model takes its steps when the test says so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSharedRing, SampleRingWriter } from '../../audio/sample-ring.ts';
import { BatchLoop } from './batch-loop.ts';
import { loudWords } from './fixtures/loud-words.ts';
import { readStepModel, type StepModelFiles } from './model-folder.ts';
import { SlotState } from './slot-state.ts';
import { SlotTable } from './slot-table.ts';
import { StepSession } from './step-session.ts';
import { StreamIntake } from './stream-intake.ts';
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

test('audio that waits because the model is behind is no pause', async () => {
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
      stalledMs: STREAMING.stalledMs,
      buffer: new Int16Array(FRAME),
      lease: (stream) => slots.lease(stream),
      handleGivenUp: () => {},
      handleEvent: () => {},
    },
    { lease: { slot: 0, generation: 1 }, ring, from: writer.position, language: 'en' },
  );
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
