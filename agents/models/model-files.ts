/** What the files of a model folder are worth: sizes at every start, digests when somebody asks. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { modelBroken } from './manifest-file.ts';
import type { ModelFile } from './model-manifest.ts';

export type FileVerdict =
  | { readonly state: 'verified' }
  /** The manifest knows no digest to compare with. */
  | { readonly state: 'not-verified'; readonly sha256: string }
  | { readonly state: 'missing' }
  | { readonly state: 'wrong-size'; readonly expected: number; readonly found: number }
  | { readonly state: 'wrong-hash'; readonly expected: string; readonly found: string };

/** Quick: sizes only. Fails with `model-broken`, naming the first file that is absent or of another size. */
export async function checkSizes(folder: string, files: readonly ModelFile[]): Promise<void> {
  for (const { name, bytes } of files) {
    const found = await sizeOf(join(folder, name));
    if (found === null) throw modelBroken(folder, `${name} is missing`);
    if (bytes !== null && found !== bytes)
      throw modelBroken(folder, `${name} should have ${bytes} bytes and has ${found}`);
  }
}

/** Thorough: reads the whole file. `onProgress` gets the bytes read so far. */
export async function verifyFile(
  path: string,
  { bytes, sha256 }: Pick<ModelFile, 'bytes' | 'sha256'>,
  onProgress: (bytesRead: number) => void = () => {},
): Promise<FileVerdict> {
  const size = await sizeOf(path);
  if (size === null) return { state: 'missing' };
  if (bytes !== null && size !== bytes) return { state: 'wrong-size', expected: bytes, found: size };
  const hash = createHash('sha256');
  let read = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    hash.update(chunk as Buffer);
    read += (chunk as Buffer).length;
    onProgress(read);
  }
  const found = hash.digest('hex');
  if (sha256 === null) return { state: 'not-verified', sha256: found };
  return found === sha256 ? { state: 'verified' } : { state: 'wrong-hash', expected: sha256, found };
}

const READ_BYTES = 1_048_576;

/** Null when there is no such file. */
export async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
}
