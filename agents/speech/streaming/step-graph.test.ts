/** A tiny step graph with random weights says in steps exactly what PyTorch found in the whole recording. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { BatchLoop } from './batch-loop.ts';
import { goldenSound } from './fixtures/golden-sound.ts';
import { RecordingOwner } from './fixtures/recording-owner.ts';
import { readStepModel, type StepModelFiles } from './model-folder.ts';
import { SlotState } from './slot-state.ts';
import { SlotTable } from './slot-table.ts';
import type { SpeechSlot } from './speech-slot.ts';
import { StepSession } from './step-session.ts';

const folder = new URL('./fixtures/tiny/', import.meta.url).pathname;
const golden = JSON.parse(readFileSync(`${folder}golden.json`, 'utf8')) as {
  readonly stepSamples: number;
  readonly sounds: readonly { readonly seed: number; readonly seconds: number; readonly labels: number[] }[];
};

let files: StepModelFiles;
let session: StepSession;

beforeAll(async () => {
  files = await readStepModel(folder);
  session = await StepSession.load(files, 1);
});

/** Text of labels by the rule of connectionist temporal classification, written down once more. */
function textOf(labels: readonly number[]): string {
  const pieces = labels.filter((label, i) => label !== 0 && label !== labels[i - 1]);
  const bytes = Buffer.concat(pieces.map((label) => files.vocabulary[label] ?? new Uint8Array(0)));
  return new TextDecoder().decode(bytes).trimStart();
}

interface Machine {
  readonly loop: BatchLoop;
  readonly slots: SlotTable;
}

function machine(capacity: number): Machine {
  const slots = new SlotTable(files, new SlotState(session, capacity));
  return { slots, loop: new BatchLoop(session, slots) };
}

function begin({ slots }: Machine, owner: RecordingOwner): SpeechSlot {
  const slot = slots.lease(owner);
  if (!slot) throw new Error('no slot');
  slot.beginUtterance();
  return slot;
}

async function hearStep(
  { loop }: Machine,
  slot: SpeechSlot,
  samples: Int16Array,
  step: number,
): Promise<void> {
  const { stepSamples } = golden;
  slot.hear(samples.subarray(step * stepSamples, (step + 1) * stepSamples), step * 80, step * 80 + 80);
  await loop.round(true);
}

test.each(golden.sounds)('sound $seed, step by step', async ({ seed, seconds, labels }) => {
  const alone = machine(1);
  const owner = new RecordingOwner();
  const slot = begin(alone, owner);
  const samples = goldenSound(seconds, seed);
  const steps = samples.length / golden.stepSamples;
  for (let step = 0; step < steps; step++) await hearStep(alone, slot, samples, step);
  expect(owner.text).toBe(textOf(labels));
  expect(owner.text.length).toBeGreaterThan(100);
  expect(alone.loop.times).toMatchObject({ runs: steps, rows: steps, failedRows: 0, late: 0 });
});

test('a slot that is used again remembers nothing of its last holder', async () => {
  const [first, second] = golden.sounds;
  if (!first || !second) throw new Error('two sounds are needed');
  const shared = machine(1);
  const slot = begin(shared, new RecordingOwner());
  const before = goldenSound(3, first.seed);
  for (let step = 0; step < 37; step++) await hearStep(shared, slot, before, step);
  shared.slots.release(slot);

  const owner = new RecordingOwner();
  const again = begin(shared, owner);
  expect(again).toBe(slot);
  const samples = goldenSound(second.seconds, second.seed);
  for (let step = 0; step < samples.length / golden.stepSamples; step++)
    await hearStep(shared, again, samples, step);
  expect(owner.text).toBe(textOf(second.labels));
});

test('a stream goes on unharmed when its row moves because another left', async () => {
  const [first, second] = golden.sounds;
  if (!first || !second) throw new Error('two sounds are needed');
  const shared = machine(3);
  const owners = [new RecordingOwner(), new RecordingOwner(), new RecordingOwner()];
  const slots = owners.map((owner) => begin(shared, owner));
  const sounds = [first, first, second].map(({ seconds, seed }) => goldenSound(seconds, seed));
  const steps = 250;
  for (let step = 0; step < steps; step++) {
    if (step === 20) shared.slots.release(slots[0] as SpeechSlot);
    for (const [index, slot] of slots.entries()) {
      if (slot.owner !== owners[index]) continue;
      const { stepSamples } = golden;
      slot.hear(
        (sounds[index] as Int16Array).subarray(step * stepSamples, (step + 1) * stepSamples),
        step * 80,
        0,
      );
    }
    await shared.loop.round(true);
  }
  expect(slots[2]?.row).toBe(0);
  expect(owners.slice(1).map(({ text }) => text)).toEqual([textOf(first.labels), textOf(second.labels)]);
  expect(owners[0]?.text.length).toBeLessThan(textOf(first.labels).length / 2);
});

test('pieces have the times of what was heard, not of when it was said', async () => {
  const [sound] = golden.sounds;
  if (!sound) throw new Error('a sound is needed');
  const alone = machine(1);
  const owner = new RecordingOwner();
  const slot = begin(alone, owner);
  const samples = goldenSound(4, sound.seed);
  const base = 1_700_000_000_000;
  const { stepSamples } = golden;
  for (let step = 0; step < 50; step++) {
    slot.hear(samples.subarray(step * stepSamples, (step + 1) * stepSamples), base + step * 80, base);
    await alone.loop.round(true);
  }
  const labels = sound.labels.slice(0, 96);
  const starts = labels.flatMap((label, i) => {
    const isPiece = label !== 0 && label !== labels[i - 1] && files.vocabulary[label]?.length !== 1;
    return isPiece ? [base + i * 40] : [];
  });
  expect(owner.events.map((event) => (event.type === 'text' ? event.startMs : 0))).toEqual(starts);
});
