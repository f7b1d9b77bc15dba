/**
 * A model folder's manifest.json before any schema: that it is there, that it is JSON, and of which kind its model
 * is. Apart from model-manifest.ts because the agent's main thread asks for nothing else, and a library of schemas
 * is a third of a second of its start.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SurtitreError } from '../../runtime/errors.ts';

export const MANIFEST_NAME = 'manifest.json';

/** Its text. Fails with `model-missing`. */
export async function readManifestFile(folder: string): Promise<string> {
  return readFile(join(folder, MANIFEST_NAME), 'utf8').catch((cause: unknown) => {
    throw new SurtitreError(
      'model-missing',
      `No speech model in ${folder} (${MANIFEST_NAME} cannot be read): set SURTITRE_MODEL to a folder that holds one; npm run model -- list shows those that there are.`,
      { cause },
    );
  });
}

/** Fails with `model-missing` or `model-broken`. */
export async function readModelKind(folder: string): Promise<string> {
  return kindOf(manifestValue(await readManifestFile(folder), folder), folder);
}

/** `place` names the manifest in the error, here and below. */
export function manifestValue(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw modelBroken(place, `${MANIFEST_NAME} is not JSON`);
  }
}

export function kindOf(manifest: unknown, place: string): string {
  const hasKind = typeof manifest === 'object' && manifest !== null && 'kind' in manifest;
  if (hasKind && typeof manifest.kind === 'string') return manifest.kind;
  throw modelBroken(place, `${MANIFEST_NAME} is not valid: it names no kind`);
}

export function modelBroken(folder: string, fault: string): SurtitreError {
  return new SurtitreError(
    'model-broken',
    `The speech model in ${folder} is damaged: ${fault}. Fetch it again (npm run model -- get, or git lfs pull).`,
  );
}
