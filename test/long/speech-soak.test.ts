/** Four minutes of audio in a batch that streams join and leave at random (ten and a real model: bench/speech-soak.ts). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readStepModel } from '../../agents/speech/streaming/model-folder.ts';
import { StepSession } from '../../agents/speech/streaming/step-session.ts';
import { StepSoak } from '../../bench/step-soak.ts';
import { projectRoot } from '../../launch/project-root.ts';

const folder = process.env.SURTITRE_STEP_MODEL ?? `${projectRoot}/agents/speech/streaming/fixtures/tiny`;
let session: StepSession;

beforeAll(async () => {
  session = await StepSession.load(await readStepModel(folder), 1);
});

afterAll(() => session?.close());

test('no stream of hundreds says anything else than it says alone', async () => {
  const soak = new StepSoak(session);
  await soak.recogniseAlone();
  const result = await soak.run({ session, streams: 24, rounds: 3_000 });
  expect(result.differentTexts).toBe(0);
  expect(result.finishedStreams).toBeGreaterThan(200);
  expect(result.characters).toBeGreaterThan(10_000);
}, 600_000);
