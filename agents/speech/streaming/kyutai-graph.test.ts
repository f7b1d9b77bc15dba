/**
 * A tiny Kyutai model with random weights, exported by training/kyutai_export.py, says step by step exactly the tokens
 * that transformers found in the whole recording (training/kyutai_fixture.py).
 */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { goldenSound } from './fixtures/golden-sound.ts';
import { readStepModel } from './model-folder.ts';
import { SlotState } from './slot-state.ts';
import { outputData, StepSession } from './step-session.ts';

const folder = new URL('./fixtures/kyutai-tiny/', import.meta.url).pathname;

interface Recording {
  readonly seed: number;
  readonly seconds: number;
  readonly tokens: readonly number[];
}
const golden = JSON.parse(readFileSync(`${folder}golden.json`, 'utf8')) as {
  readonly stepSamples: number;
  readonly sounds: readonly [long: Recording, short: Recording];
};
const [long, short] = golden.sounds;

let session: StepSession;

beforeAll(async () => {
  session = await StepSession.load(await readStepModel(folder), 1);
});

/** The recording as 24 kHz samples; the generator counts its seconds at 16 kHz. */
function samplesOf({ seconds, seed }: Recording): Int16Array {
  return goldenSound(seconds * 1.5, seed);
}

interface Row {
  readonly recording: Recording;
  readonly samples: Int16Array;
  step: number;
  readonly tokens: number[];
}

/** Begins a recording in a slot. */
function begin(state: SlotState, slot: number, recording: Recording): Row {
  state.reset(slot);
  return { recording, samples: samplesOf(recording), step: 0, tokens: [] };
}

/** One step of the graph over slots 0 … rows.length - 1. */
async function step(state: SlotState, rows: readonly Row[]): Promise<void> {
  const { stepSamples } = golden;
  for (const [slot, { samples, step: at }] of rows.entries()) {
    const heard = Float32Array.from(samples.subarray(at * stepSamples, (at + 1) * stepSamples));
    state.audio.data.set(
      heard.map((sample) => sample / 32_768),
      slot * stepSamples,
    );
  }
  const values = await session.run(state.feeds(0, rows.length));
  state.take(values);
  const tokens = outputData(values, session.tokenOutput);
  for (const [slot, row] of rows.entries()) {
    const token = tokens[slot * session.tokenWidth] as number;
    row.tokens.push(token);
    row.step += 1;
    state.accept(slot, slot, token);
  }
  state.advance();
}

async function hearAll(state: SlotState, row: Row): Promise<void> {
  while (row.step < row.recording.tokens.length) await step(state, [row]);
}

test('a minute that overwrites every ring many times says what transformers says', async () => {
  const steps = session.files.manifest.rings.map(({ shape, columns }) => (shape[1] ?? 0) / columns);
  expect(Math.max(...steps) * 10).toBeLessThan(long.tokens.length);
  expect(new Set(long.tokens).size).toBeGreaterThan(30);

  const state = new SlotState(session, 1);
  const row = begin(state, 0, long);
  await hearAll(state, row);
  expect(row.tokens).toEqual(long.tokens);
}, 60_000);

test('a slot that is used again says what a fresh one says', async () => {
  const state = new SlotState(session, 1);
  const before = begin(state, 0, long);
  for (let i = 0; i < 57; i++) await step(state, [before]);

  const after = begin(state, 0, short);
  await hearAll(state, after);
  expect(after.tokens).toEqual(short.tokens);
});

test('streams that began at different times do not change each other, nor does moving one', async () => {
  const state = new SlotState(session, 3);
  const first = begin(state, 0, short);
  for (let i = 0; i < 5; i++) await step(state, [first]);
  const second = begin(state, 1, long);
  for (let i = 0; i < 40; i++) await step(state, [first, second]);
  const third = begin(state, 2, short);
  for (let i = 0; i < 30; i++) await step(state, [first, second, third]);

  // The first leaves; the last takes its place.
  state.move(2, 0);
  while (third.step < short.tokens.length) await step(state, [third, second]);
  expect(third.tokens).toEqual(short.tokens);
  expect(second.tokens).toEqual(long.tokens.slice(0, second.step));
  expect(first.tokens).toEqual(short.tokens.slice(0, first.step));
});
