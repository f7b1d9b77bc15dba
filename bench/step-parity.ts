/**
 * Whether the engine's tokens are those that the same graph gives in Python, for recordings side by side and alone:
 * training/causal_parity.py --golden FOLDER writes both, this hears them with the engine's own session and state.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStepModel } from '../agents/speech/streaming/model-folder.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { outputData, StepSession } from '../agents/speech/streaming/step-session.ts';
import { createTokenRule, type TokenRule } from '../agents/speech/streaming/token-rule.ts';
import type { CaptionLanguage } from '../protocol/caption-event.ts';
import { readCommandLine } from './command-line.ts';
import { operand } from './parameters.ts';

/**
 * golden.json: `samples` names a file of little-endian 16-bit samples, silence at its end included; decoders of sound
 * files may differ in the last bit.
 */
interface Golden {
  readonly clips: readonly Clip[];
}

interface Clip {
  readonly path: string;
  readonly samples: string;
  readonly language: CaptionLanguage;
  readonly tokens: readonly number[];
}

interface Row {
  readonly samples: Int16Array;
  readonly rule: TokenRule;
  readonly tokens: number[];
}

/** Recordings that are heard side by side; all of them at once would take gigabytes. */
const BATCH = 16;

/** Tokens of each recording, heard side by side from the same step on. */
async function hear(session: StepSession, recordings: readonly { clip: Clip; samples: Int16Array }[]) {
  const { audio, stepSamples, text } = session.files.manifest;
  const state = new SlotState(session, recordings.length);
  const rows: Row[] = recordings.map(({ clip, samples }, slot) => {
    const rule = createTokenRule(text);
    rule.restart(clip.language);
    state.reset(slot);
    return { samples, rule, tokens: [] };
  });
  const steps = Math.floor(Math.max(...rows.map(({ samples }) => samples.length)) / stepSamples);
  for (let step = 0; step < steps; step++) {
    const first = step * stepSamples - audio.before;
    for (const [slot, { samples }] of rows.entries()) {
      const at = slot * state.audio.rowSize;
      for (let i = 0; i < state.audio.rowSize; i++) {
        state.audio.data[at + i] = (samples[first + i] ?? 0) / 32_768;
      }
    }
    const values = await session.run(state.feeds(0, rows.length));
    state.take(values);
    const output = outputData(values, session.tokenOutput);
    for (const [slot, { rule, tokens }] of rows.entries()) {
      const say = (token: number) => tokens.push(token);
      const token = rule.read(output, slot, session.tokenWidth, step < text.delaySteps ? null : say);
      state.accept(slot, slot, token);
    }
    state.advance();
  }
  return rows.map(({ tokens }) => tokens.join(' '));
}

async function main(model: string, folder: string): Promise<boolean> {
  const golden = JSON.parse(await readFile(join(folder, 'golden.json'), 'utf8')) as Golden;
  const session = await StepSession.load(await readStepModel(model), 1);
  const recordings = await Promise.all(
    golden.clips.map(async (clip) => {
      const bytes = await readFile(join(folder, clip.samples));
      return { clip, samples: new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2) };
    }),
  );
  let same = 0;
  let moved = 0;
  for (let first = 0; first < recordings.length; first += BATCH) {
    const batch = recordings.slice(first, first + BATCH);
    const beside = await hear(session, batch);
    for (const [index, recording] of batch.entries()) {
      const [alone] = await hear(session, [recording]);
      const isSame = beside[index] === recording.clip.tokens.join(' ');
      if (isSame) same += 1;
      if (alone !== beside[index]) moved += 1;
      console.log(`${isSame ? '=' : '≠'} ${alone === beside[index] ? '=' : '≠'} ${recording.clip.path}`);
    }
  }
  console.log(
    `${same} of ${recordings.length} give the reference’s tokens; ${moved} give others alone than side by side`,
  );
  return moved === 0 && same === recordings.length;
}

const { model, golden } = readCommandLine({
  program: 'step-parity',
  about: `Whether the engine's tokens are those that the graph gives in Python. Fails if a recording gives others, or others beside
other recordings than alone. Hears each recording twice.`,
  parameters: {
    model: operand('MODEL', 'folder of the step model'),
    golden: operand('GOLDEN', 'folder of training/causal_parity.py --golden'),
  },
});
if (!(await main(model, golden))) process.exitCode = 1;
