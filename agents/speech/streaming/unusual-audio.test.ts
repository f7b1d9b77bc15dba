/** Sound as bad microphones and telephones make it is sound like any other: it is heard, and disturbs nobody. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toInt16 } from '../../audio/int16-samples.ts';
import { createResampler } from '../../audio/resample.ts';
import { BatchLoop } from './batch-loop.ts';
import { goldenSound } from './fixtures/golden-sound.ts';
import { RecordingOwner } from './fixtures/recording-owner.ts';
import { readStepModel } from './model-folder.ts';
import { SlotState } from './slot-state.ts';
import { SlotTable } from './slot-table.ts';
import { StepSession } from './step-session.ts';

const RATE_HZ = 16_000;
const TELEPHONE_HZ = 8_000;
const STEPS = 100;
const FULL_SCALE = [-32_768, 32_767] as const;

let session: StepSession;
let sound: Int16Array;
let unusual: Record<'clipped' | 'square' | 'telephone' | 'silent', Int16Array>;

beforeAll(async () => {
  session = await StepSession.load(
    await readStepModel(new URL('./fixtures/tiny', import.meta.url).pathname),
    1,
  );
  sound = goldenSound(10, 1);
  unusual = {
    clipped: sound.map((sample) => Math.max(FULL_SCALE[0], Math.min(FULL_SCALE[1], sample * 16))),
    // The worst that clipping can do: nothing but full scale.
    square: sound.map((sample) => FULL_SCALE[sample < 0 ? 0 : 1]),
    telephone: await overTelephone(sound),
    silent: new Int16Array(sound.length),
  };
});

afterAll(() => session?.close());

async function overTelephone(samples: Int16Array): Promise<Int16Array> {
  const there = await createResampler(RATE_HZ, TELEPHONE_HZ);
  const back = await createResampler(TELEPHONE_HZ, RATE_HZ);
  const narrow = there.push(Float32Array.from(samples, (sample) => sample / 32_768));
  const wide = toInt16(back.push(narrow));
  there.close();
  back.close();
  return wide;
}

/** What each voice is heard to say when all speak together from the first step on. */
async function hearTogether(voices: readonly Int16Array[]): Promise<{ texts: string[]; loop: BatchLoop }> {
  const { files } = session;
  const { stepSamples, frameMs } = files.manifest;
  const slots = new SlotTable(files, new SlotState(session, voices.length));
  const loop = new BatchLoop(session, slots);
  const owners = voices.map(() => new RecordingOwner());
  for (const owner of owners) slots.lease(owner)?.beginUtterance();
  for (let step = 0; step < STEPS; step++) {
    for (const [index, voice] of voices.entries()) {
      const heard = voice.subarray(step * stepSamples, (step + 1) * stepSamples);
      slots.active[index]?.hear(heard, step * frameMs, 0);
    }
    await loop.round(true);
  }
  expect(owners.flatMap(({ skipped }) => skipped)).toEqual([]);
  return { texts: owners.map(({ text }) => text), loop };
}

test('clipped and telephone audio become text, silence none, and every row of every step is sound', async () => {
  const { texts, loop } = await hearTogether(Object.values(unusual));
  const said = Object.fromEntries(Object.keys(unusual).map((name, index) => [name, texts[index] ?? '']));
  for (const name of ['clipped', 'square', 'telephone']) expect(said[name]?.length).toBeGreaterThan(20);
  expect(loop.times).toMatchObject({ rows: STEPS * texts.length, failedRows: 0 });
});

test('a voice says beside them what it says alone', async () => {
  const { texts: alone } = await hearTogether([sound]);
  const { texts: beside } = await hearTogether([unusual.square, sound, unusual.telephone, unusual.clipped]);
  expect(beside[1]).toBe(alone[0]);
  expect(alone[0]?.length).toBeGreaterThan(100);
});
