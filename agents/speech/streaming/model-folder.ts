/** Reads the folder of a step model. Every fault is a sentence that names the place and what is wrong with it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_NAME, modelBroken } from '../../models/manifest-file.ts';
import { checkSizes } from '../../models/model-files.ts';
import { readManifestOfKind } from '../../models/model-manifest.ts';
import { StepManifest, type StepMask, type StepRing, type StepText } from './step-manifest.ts';
import { STREAMING } from './streaming-settings.ts';

export interface StepModelFiles {
  readonly folder: string;
  readonly manifest: StepManifest;
  readonly graphPath: string;
  /** What is heard from before a voice was noticed: as the manifest asks, or {@link STREAMING.preRollMs}. */
  readonly preRollMs: number;
  /** UTF-8 bytes of each token; null for those that are no text. */
  readonly vocabulary: readonly (Uint8Array | null)[];
}

/** Fails with `model-missing`, `model-broken` or `model-unsupported`. */
export async function readStepModel(folder: string): Promise<StepModelFiles> {
  const manifest = await readManifestOfKind(folder, 'step', StepManifest);
  const contradiction = contradictionIn(manifest);
  if (contradiction) throw modelBroken(folder, `${MANIFEST_NAME}: ${contradiction}`);
  await checkSizes(folder, manifest.files);
  const graphPath = join(folder, manifest.graph);
  const { preRollMs = STREAMING.preRollMs } = manifest;
  const vocabulary = await readVocabulary(folder, manifest.tokenizer.file);
  return { folder, manifest, graphPath, preRollMs, vocabulary };
}

async function readVocabulary(folder: string, name: string): Promise<(Uint8Array | null)[]> {
  const text = await readFile(join(folder, name), 'utf8').catch(() => {
    throw modelBroken(folder, `${name} cannot be read`);
  });
  let pieces: unknown;
  try {
    pieces = JSON.parse(text);
  } catch {
    throw modelBroken(folder, `${name} is not JSON`);
  }
  if (!Array.isArray(pieces) || !pieces.every((piece) => piece === null || typeof piece === 'string')) {
    throw modelBroken(folder, `${name} is not an array of strings and nulls`);
  }
  return pieces.map((piece) => (piece === null ? null : Buffer.from(piece, 'base64')));
}

/** What the schema cannot say: parts that must fit each other. Null if they do. */
function contradictionIn(manifest: StepManifest): string | null {
  const { rings, masks, stepSamples, sampleRateHz, frameMs, tokenizer } = manifest;
  if (stepSamples * 1000 !== frameMs * sampleRateHz) {
    return `stepSamples (${stepSamples}) is not frameMs (${frameMs}) at ${sampleRateHz} Hz`;
  }
  if (tokenizer.type !== 'base64-pieces') {
    return `the tokenizer must be of type "base64-pieces", not "${tokenizer.type}"`;
  }
  for (const ring of rings) {
    const size = ring.shape[ring.columnAxis];
    if (size === undefined) return `ring ${ring.input} has no axis ${ring.columnAxis}`;
    if (size % ring.columns !== 0) {
      return `ring ${ring.input} has ${size} columns, which is no multiple of ${ring.columns}`;
    }
  }
  const lost = masks.find((mask) => !ringOfMask(rings, mask));
  if (lost) return `mask ${lost.input} is for ring ${lost.ring}, which there is not`;
  return contradictionInText(manifest.text);
}

/** A model that hears the language answers with the first token of that language's prompt. */
function contradictionInText(text: StepText): string | null {
  if (!('languageSteps' in text) || text.languageSteps === undefined) return null;
  const [fr, en] = [text.prompt?.fr[0], text.prompt?.en[0]];
  if (fr !== undefined && en !== undefined && fr !== en) return null;
  return 'text.languageSteps needs a prompt for French and one for English that begin with different tokens';
}

export function ringOfMask(rings: readonly StepRing[], mask: StepMask): StepRing | undefined {
  return rings.find(({ input }) => input === mask.ring);
}
