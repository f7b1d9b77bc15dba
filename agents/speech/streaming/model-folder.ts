/** Reads the folder of a step model. Every fault is a sentence that names the place and what is wrong with it. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { SurtitreError } from '../../../runtime/errors.ts';
import { StepManifest, type StepMask, type StepRing } from './step-manifest.ts';

export interface StepModelFiles {
  readonly manifest: StepManifest;
  readonly graphPath: string;
  /** UTF-8 bytes of each token; null for those that are no text. */
  readonly vocabulary: readonly (Uint8Array | null)[];
}

/** Fails with `model-missing`, `model-broken` or `model-unsupported`. */
export async function readStepModel(folder: string): Promise<StepModelFiles> {
  const manifest = await readJson(folder, 'manifest.json');
  const kind = (manifest as { readonly kind?: unknown } | null)?.kind;
  if (kind !== 'step') {
    throw new SurtitreError(
      'model-unsupported',
      `The model in ${folder} is of kind "${String(kind)}"; the streaming engine runs "step" ones.`,
    );
  }
  if (!Value.Check(StepManifest, manifest)) {
    throw brokenModel(folder, `manifest.json: ${firstFault(manifest)}`);
  }
  const contradiction = contradictionIn(manifest);
  if (contradiction) throw brokenModel(folder, `manifest.json: ${contradiction}`);
  for (const { name, bytes } of manifest.files) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.size !== bytes) {
      throw brokenModel(folder, `${name} should have ${bytes} bytes and has ${found?.size ?? 'none'}`);
    }
  }
  const vocabulary = await readJson(folder, manifest.vocabulary);
  if (
    !Array.isArray(vocabulary) ||
    !vocabulary.every((entry) => entry === null || typeof entry === 'string')
  ) {
    throw brokenModel(folder, `${manifest.vocabulary} is not an array of strings and nulls`);
  }
  return {
    manifest,
    graphPath: join(folder, manifest.graph),
    vocabulary: vocabulary.map((entry) => (entry === null ? null : Buffer.from(entry, 'base64'))),
  };
}

export function brokenModel(model: string, fault: string, cause?: unknown): SurtitreError {
  return new SurtitreError(
    'model-broken',
    `The speech model ${model} cannot be used: ${fault}. Fetch or export it again.`,
    { cause },
  );
}

async function readJson(folder: string, name: string): Promise<unknown> {
  const text = await readFile(join(folder, name), 'utf8').catch((cause: unknown) => {
    throw new SurtitreError(
      'model-missing',
      `No speech model in ${folder} (${name} cannot be read): set SURTITRE_MODEL to a folder that holds one.`,
      { cause },
    );
  });
  try {
    return JSON.parse(text);
  } catch {
    throw brokenModel(folder, `${name} is not JSON`);
  }
}

function firstFault(manifest: unknown): string {
  const [fault] = Value.Errors(StepManifest, manifest);
  return fault ? `${fault.instancePath || '/'} ${fault.message}` : 'is not a step manifest';
}

/** What the schema cannot say: parts that must fit each other. Null if they do. */
function contradictionIn({ rings, masks }: StepManifest): string | null {
  for (const ring of rings) {
    const size = ring.shape[ring.columnAxis];
    if (size === undefined) return `ring ${ring.input} has no axis ${ring.columnAxis}`;
    if (size % ring.columns !== 0) {
      return `ring ${ring.input} has ${size} columns, which is no multiple of ${ring.columns}`;
    }
  }
  const lost = masks.find((mask) => !ringOfMask(rings, mask));
  return lost ? `mask ${lost.input} is for ring ${lost.ring}, which there is not` : null;
}

export function ringOfMask(rings: readonly StepRing[], mask: StepMask): StepRing | undefined {
  return rings.find(({ input }) => input === mask.ring);
}
