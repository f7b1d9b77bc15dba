/**
 * The part of a model folder's manifest.json that all kinds share: what the model is, and every file it needs. The
 * graph's own part belongs to the engine that runs the kind: `windowed` and `step` are run by the engines of these
 * names, a `checkpoint` by none (it is exported to one of the others, see docs/models.md).
 */
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { SurtitreError } from '../../runtime/errors.ts';
import { kindOf, MANIFEST_NAME, manifestValue, modelBroken, readManifestFile } from './manifest-file.ts';

/** Lower case, digits and dots; no way out of the models folder. */
const MODEL_NAME = '^[a-z0-9][a-z0-9._-]*$';
const FILE_NAME = '^[A-Za-z0-9][A-Za-z0-9._@-]*$';

/** Null stands for what is not known here, so that nobody takes an unverified file for a verified one. */
export const ModelFile = Type.Object({
  name: Type.String({ pattern: FILE_NAME }),
  bytes: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
  sha256: Type.Union([Type.String({ pattern: '^[0-9a-f]{64}$' }), Type.Null()]),
});
export type ModelFile = Static<typeof ModelFile>;

const Tokenizer = Type.Object({
  /** `base64-pieces`: a JSON array with the bytes of each token; `sentencepiece`: its model file. */
  type: Type.Union([Type.Literal('base64-pieces'), Type.Literal('sentencepiece')]),
  file: Type.String({ pattern: FILE_NAME }),
  size: Type.Integer({ minimum: 1 }),
});

export const ModelManifest = Type.Object({
  kind: Type.Union([Type.Literal('windowed'), Type.Literal('step'), Type.Literal('checkpoint')]),
  name: Type.String({ pattern: MODEL_NAME }),
  version: Type.Optional(Type.String({ minLength: 1 })),
  licence: Type.String({ minLength: 1 }),
  languages: Type.Array(Type.Union([Type.Literal('fr'), Type.Literal('en')]), { minItems: 1 }),
  sampleRateHz: Type.Integer({ minimum: 8_000, maximum: 48_000 }),
  /** Audio that one step of the model takes. */
  frameMs: Type.Number({ exclusiveMinimum: 0 }),
  /** How much later than a sound its text comes by the model's design; 0 where that is not fixed. */
  delayMs: Type.Number({ minimum: 0 }),
  tokenizer: Tokenizer,
  /** Folder on the web that holds the files, with a slash at its end; null: they come with the repository. */
  origin: Type.Union([Type.String({ pattern: '^https?://.*/$' }), Type.Null()]),
  files: Type.Array(ModelFile, { minItems: 1 }),
});
export type ModelManifest = Static<typeof ModelManifest>;

/** Fails with `model-missing` (none there) or `model-broken` (not as `schema` says; every fault is named). */
export async function readManifest<T extends TSchema>(folder: string, schema: T): Promise<Static<T>> {
  return parseManifest(await readManifestFile(folder), schema, folder);
}

/** The same for an engine that runs one kind: fails with `model-unsupported` if the model is of another. */
export async function readManifestOfKind<T extends TSchema>(
  folder: string,
  wanted: ModelManifest['kind'],
  schema: T,
): Promise<Static<T>> {
  const value = manifestValue(await readManifestFile(folder), folder);
  const kind = kindOf(value, folder);
  if (kind === wanted) return checked(value, schema, folder);
  const hint = kind === 'checkpoint' ? ' Export it first, see docs/models.md.' : '';
  throw new SurtitreError(
    'model-unsupported',
    `The model in ${folder} is of kind "${kind}"; this engine runs "${wanted}" ones.${hint}`,
  );
}

/** `place` names the manifest in the error. */
export function parseManifest<T extends TSchema>(text: string, schema: T, place: string): Static<T> {
  return checked(manifestValue(text, place), schema, place);
}

function checked<T extends TSchema>(value: unknown, schema: T, place: string): Static<T> {
  if (Value.Check(schema, value)) return value;
  const faults = Value.Errors(schema, value).map(
    ({ instancePath, message }) => `${instancePath || 'it'} ${message}`,
  );
  throw modelBroken(place, `${MANIFEST_NAME} is not valid: ${faults.slice(0, MAX_FAULTS).join('; ')}`);
}

const MAX_FAULTS = 5;
