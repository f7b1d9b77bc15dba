/**
 * Tiny step graphs with random weights say in steps exactly what PyTorch found in the whole recording: with stacked
 * spectrogram columns, which need nothing from after a step, and with Whisper's two convolutions, which do. A graph of
 * integers, rings of 8 bits included, says what it says in numpy.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { BatchLoop } from './batch-loop.ts';
import { addsByteProductsExactly } from './byte-products.ts';
import { goldenSound } from './fixtures/golden-sound.ts';
import { RecordingOwner } from './fixtures/recording-owner.ts';
import { readStepModel, type StepModelFiles } from './model-folder.ts';
import { SlotState } from './slot-state.ts';
import { SlotTable } from './slot-table.ts';
import type { SpeechSlot } from './speech-slot.ts';
import { StepSession } from './step-session.ts';

const STEP_SAMPLES = 1_280;

interface Sound {
  readonly seed: number;
  readonly seconds: number;
  readonly labels: readonly number[];
}

interface Machine {
  readonly loop: BatchLoop;
  readonly slots: SlotTable;
}

describe.each(['tiny', 'tiny-whisper', 'tiny-integer'])('the graph %s', (name) => {
  const folder = new URL(`./fixtures/${name}/`, import.meta.url).pathname;
  const golden = JSON.parse(readFileSync(`${folder}golden.json`, 'utf8')) as {
    readonly sounds: readonly [Sound, Sound];
  };
  const [first, second] = golden.sounds;
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

  /** What a slot must be given for it to take step `step`; after the recording there is silence. */
  function hear(slot: SpeechSlot, samples: Int16Array, step: number, startMs = step * 80): void {
    const { after } = files.manifest.audio;
    const from = step * STEP_SAMPLES + (step > 0 ? after : 0);
    const to = (step + 1) * STEP_SAMPLES + after;
    slot.hear(samples.subarray(from, to), startMs + (step > 0 ? after / 16 : 0), 0);
    slot.hearSilence(Math.max(0, to - Math.max(from, samples.length)));
  }

  async function hearAll({ loop }: Machine, slot: SpeechSlot, { seed, seconds }: Sound): Promise<number> {
    const samples = goldenSound(seconds, seed);
    const steps = samples.length / STEP_SAMPLES;
    for (let step = 0; step < steps; step++) {
      hear(slot, samples, step);
      await loop.round(true);
    }
    return steps;
  }

  test.each(golden.sounds)('hears sound $seed, step by step', async (sound) => {
    const alone = machine(1);
    const owner = new RecordingOwner();
    const steps = await hearAll(alone, begin(alone, owner), sound);
    expect(owner.text).toBe(textOf(sound.labels));
    expect(owner.text.length).toBeGreaterThan(100);
    expect(alone.loop.times).toMatchObject({ runs: steps, rows: steps, failedRows: 0, late: 0 });
  });

  test('remembers nothing of the last holder of a slot', async () => {
    const shared = machine(1);
    const slot = begin(shared, new RecordingOwner());
    await hearAll(shared, slot, { ...first, seconds: 3.2 });
    shared.slots.release(slot);

    const owner = new RecordingOwner();
    const again = begin(shared, owner);
    expect(again).toBe(slot);
    await hearAll(shared, again, second);
    expect(owner.text).toBe(textOf(second.labels));
  });

  test('goes on unharmed when a row moves because another stream left', async () => {
    const shared = machine(3);
    const owners = [new RecordingOwner(), new RecordingOwner(), new RecordingOwner()];
    const slots = owners.map((owner) => begin(shared, owner));
    const sounds = [first, first, second].map(({ seconds, seed }) => goldenSound(seconds, seed));
    for (let step = 0; step < 250; step++) {
      if (step === 20) shared.slots.release(slots[0] as SpeechSlot);
      for (const [index, slot] of slots.entries()) {
        if (slot.owner === owners[index]) hear(slot, sounds[index] as Int16Array, step);
      }
      await shared.loop.round(true);
    }
    expect(slots[2]?.row).toBe(0);
    expect(owners.slice(1).map(({ text }) => text)).toEqual([textOf(first.labels), textOf(second.labels)]);
    expect(owners[0]?.text.length).toBeLessThan(textOf(first.labels).length / 2);
  });

  test('gives pieces the times of what was heard, not of when it was said', async () => {
    const alone = machine(1);
    const owner = new RecordingOwner();
    const slot = begin(alone, owner);
    const samples = goldenSound(8, first.seed);
    const base = 1_700_000_000_000;
    for (let step = 0; step < 50; step++) {
      hear(slot, samples, step, base + step * 80);
      await alone.loop.round(true);
    }
    const labels = first.labels.slice(0, 96);
    const starts = labels.flatMap((label, i) => {
      const isPiece = label !== 0 && label !== labels[i - 1] && files.vocabulary[label]?.length !== 1;
      return isPiece ? [base + i * 40] : [];
    });
    expect(starts.length).toBeGreaterThan(5);
    expect(owner.events.map((event) => (event.type === 'text' ? event.startMs : 0))).toEqual(starts);
  });
});

/** Eight seconds of a sound, heard in a slot of its own by a session that is closed then. */
async function hearAlone(files: StepModelFiles, session: StepSession, seed: number): Promise<RecordingOwner> {
  const slots = new SlotTable(files, new SlotState(session, 1));
  const loop = new BatchLoop(session, slots);
  const owner = new RecordingOwner();
  const slot = slots.lease(owner) as SpeechSlot;
  slot.beginUtterance();
  const samples = goldenSound(8, seed);
  for (let at = 0; at < samples.length; at += STEP_SAMPLES) {
    slot.hear(samples.subarray(at, at + STEP_SAMPLES), at / 16, 0);
    await loop.round(true);
  }
  await session.close();
  return owner;
}

test('a piece that is said at its end lasts as long as the manifest says, but not into the one before', async () => {
  const files = await readStepModel(new URL('./fixtures/tiny/', import.meta.url).pathname);
  const { manifest } = files;
  const told = { ...files, manifest: { ...manifest, text: { ...manifest.text, pieceMs: 200 } } };
  const owner = await hearAlone(told, await StepSession.load(told, 1), 1);
  const times = owner.events.flatMap((event) => (event.type === 'text' ? [event] : []));
  expect(times.length).toBeGreaterThan(20);
  let lastEndMs = 0;
  for (const { startMs, endMs } of times) {
    const endsAtStep = (endMs - 200) % 40;
    expect(endsAtStep).toBe(0);
    expect(startMs).toBe(Math.max(endMs - 200, lastEndMs));
    lastEndMs = endMs;
  }
  expect(times.some(({ startMs, endMs }) => endMs - startMs === 200)).toBe(true);
});

describe('a graph that knows when what it says was spoken', () => {
  const folder = new URL('./fixtures/probe/', import.meta.url).pathname;

  async function probeWith(ago: string): Promise<StepModelFiles> {
    const files = await readStepModel(folder);
    return { ...files, manifest: { ...files.manifest, text: { ...files.manifest.text, ago } } };
  }

  test('tells the time of every piece', async () => {
    const files = await probeWith('ago');
    const session = await StepSession.load(files, 1);
    const slots = new SlotTable(files, new SlotState(session, 1));
    const loop = new BatchLoop(session, slots);
    const owner = new RecordingOwner();
    const slot = slots.lease(owner) as SpeechSlot;
    slot.beginUtterance();
    // The probe names a level two steps later, and `ago` is then a quarter of a step for each level that it hears.
    for (const [step, level] of [0, 0, 3, 3, 5, 2, 0, 0].entries()) {
      slot.hear(new Int16Array(STEP_SAMPLES).fill(((level + 0.5) / 9) * 32_767), step * 80, 0);
      await loop.round(true);
    }
    await session.close();
    const times = owner.events.map((event) => (event.type === 'text' ? [event.text, event.startMs] : []));
    expect(times).toEqual([
      ['c', 2 * 80 - 5 * 20],
      [' e', 4 * 80],
      [' b', 5 * 80],
    ]);
  });

  test('is refused without that output', async () => {
    await expect(StepSession.load(await probeWith('age'), 1)).rejects.toThrow(
      'the graph has no output "age"',
    );
  });
});

test('the quick kernels for bytes say what the exact ones say just where the processor is taken to add exactly', async () => {
  const folder = new URL('./fixtures/tiny-integer/', import.meta.url).pathname;
  const files = await readStepModel(folder);
  const sounds = await Promise.all(
    [true, false].map(async (exactBytes) => {
      const { text } = await hearAlone(files, await StepSession.load(files, 1, exactBytes), 2);
      return text;
    }),
  );
  expect(sounds[0] === sounds[1]).toBe(addsByteProductsExactly());
  expect(sounds[1]?.length).toBeGreaterThan(20);
});
