/**
 * Whoever else is in the batch, whenever they come and go and however late they are, changes no token of a stream.
 * For any model: SURTITRE_STEP_MODEL=models/my-model npx vitest run batch-independence
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BatchLoop } from './batch-loop.ts';
import { goldenSound } from './fixtures/golden-sound.ts';
import { RecordingOwner } from './fixtures/recording-owner.ts';
import { readStepModel, type StepModelFiles } from './model-folder.ts';
import { SlotState } from './slot-state.ts';
import { SlotTable } from './slot-table.ts';
import type { SpeechSlot } from './speech-slot.ts';
import { StepSession } from './step-session.ts';

const given = process.env.SURTITRE_STEP_MODEL;
const fixtures = ['tiny', 'tiny-integer'].map(
  (name) => new URL(`./fixtures/${name}`, import.meta.url).pathname,
);
const CAPACITY = 5;
const ROUNDS = 60;
const VOICES = 4;

let files: StepModelFiles;
let session: StepSession;
let voices: Int16Array[];
let alone: string[][];

interface Voice {
  readonly owner: RecordingOwner;
  readonly slot: SpeechSlot;
  readonly voice: number;
  heard: number;
}

function begin(slots: SlotTable, voice: number): Voice {
  const owner = new RecordingOwner();
  const slot = slots.lease(owner);
  if (!slot) throw new Error('no slot');
  slot.beginUtterance();
  return { owner, slot, voice, heard: 0 };
}

function hear(speaker: Voice): void {
  const { stepSamples, frameMs, audio } = files.manifest;
  const from = speaker.heard * stepSamples + (speaker.heard > 0 ? audio.after : 0);
  const to = (speaker.heard + 1) * stepSamples + audio.after;
  speaker.slot.hear((voices[speaker.voice] as Int16Array).subarray(from, to), speaker.heard * frameMs, 0);
  speaker.heard += 1;
}

/** What happens to a place before a round: someone joins or leaves, hears a step or two, or nothing (is late). */
const action = fc.oneof(
  { weight: 3, arbitrary: fc.constant('join' as const) },
  { weight: 1, arbitrary: fc.constant('leave' as const) },
  { weight: 20, arbitrary: fc.constant(1) },
  { weight: 4, arbitrary: fc.constant(2) },
  { weight: 4, arbitrary: fc.constant(0) },
);
const schedule = fc.array(fc.array(action, { minLength: CAPACITY, maxLength: CAPACITY }), {
  minLength: 30,
  maxLength: ROUNDS,
  size: 'max',
});

describe.each(given ? [given] : fixtures)('the model in %s', (folder) => {
  beforeAll(async () => {
    files = await readStepModel(folder);
    session = await StepSession.load(files, 1);
    voices = Array.from({ length: VOICES }, (_, seed) => goldenSound(12, seed + 1));
    alone = [];
    for (let voice = 0; voice < VOICES; voice++) {
      const slots = new SlotTable(files, new SlotState(session, 1));
      const loop = new BatchLoop(session, slots);
      const speaker = begin(slots, voice);
      const said: string[] = [''];
      for (let round = 0; round < ROUNDS; round++) {
        hear(speaker);
        await loop.round(true);
        said.push(speaker.owner.text);
      }
      alone.push(said);
    }
  }, 120_000);

  afterAll(() => session?.close());

  test('streams say in any company what they say alone', async () => {
    let steps = 0;
    let longest = 0;
    await fc.assert(
      fc.asyncProperty(schedule, fc.nat(VOICES - 1), async (rounds, firstVoice) => {
        const slots = new SlotTable(files, new SlotState(session, CAPACITY));
        const loop = new BatchLoop(session, slots);
        const places: (Voice | null)[] = Array(CAPACITY).fill(null);
        let joined = firstVoice;
        for (const actions of rounds) {
          for (const [place, what] of actions.entries()) {
            const speaker = places[place];
            if (what === 'leave' && speaker) {
              slots.release(speaker.slot);
              places[place] = null;
            } else if (what === 'join' && !speaker) {
              places[place] = begin(slots, joined++ % VOICES);
            } else if (typeof what === 'number' && speaker) {
              for (let i = 0; i < what && speaker.heard < ROUNDS && !speaker.slot.isFull; i++) hear(speaker);
            }
          }
          // The late ones catch up one step a round, as the engine lets them.
          await loop.round(true);
        }
        while ((await loop.round(false)) > 0);
        steps += loop.times.rows;
        for (const speaker of places) {
          if (!speaker) continue;
          longest = Math.max(longest, speaker.heard);
          expect(speaker.owner.text).toBe(alone[speaker.voice]?.[speaker.heard]);
        }
      }),
      { numRuns: given ? 8 : 40, seed: 20_261_122 },
    );
    expect(steps).toBeGreaterThan(500);
    expect(longest).toBeGreaterThan(20);
    expect(alone.every((said) => (said.at(-1) ?? '') !== '')).toBe(true);
  }, 300_000);
});
