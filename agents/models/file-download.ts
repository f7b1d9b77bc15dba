/**
 * Brings one file of a model into its folder. It grows beside its final name (`.part`), is continued there after a
 * break, and takes the final name only when it is whole and has its digest.
 */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SurtitreError } from '../../runtime/errors.ts';
import type { FileSource } from './file-source.ts';
import { type FileVerdict, sizeOf, verifyFile } from './model-files.ts';
import type { ModelFile } from './model-manifest.ts';

export interface FileDownload {
  readonly source: FileSource;
  readonly file: ModelFile;
  readonly target: string;
  /** Bytes there and bytes in all, where known. */
  readonly onProgress?: (bytes: number, totalBytes: number | null) => void;
  /** Tries after a broken connection, each continuing the one before. Default 5. */
  readonly attempts?: number;
}

/**
 * The verdict is `verified` or `not-verified`. Fails with `model-source-missing`, `model-download-failed`,
 * `model-truncated`, `model-hash-wrong` or `model-disk-full`; then nothing is under the final name that was not
 * there before.
 */
export async function downloadFile(download: FileDownload): Promise<FileVerdict> {
  const { source, file, target, attempts = 5 } = download;
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      await continuePart(download, part);
      break;
    } catch (error) {
      if (!(error instanceof SurtitreError)) throw error;
      if (error.retryable && attempt < attempts) continue;
      throw error.code === 'model-truncated' ? await withHashes(error, part, file) : error;
    }
  }
  const verdict = await verifyFile(part, file);
  if (verdict.state === 'wrong-hash') {
    await rm(part, { force: true });
    throw new SurtitreError(
      'model-hash-wrong',
      `${source.describe(file.name)} was discarded: its sha256 is ${verdict.found}, and the manifest wants ${verdict.expected}. If it stays so, do not trust the source.`,
    );
  }
  await rename(part, target);
  return verdict;
}

async function continuePart(download: FileDownload, part: string): Promise<void> {
  const { source, file, onProgress } = download;
  const held = (await sizeOf(part)) ?? 0;
  // A part that is whole or too long cannot be continued; its digest alone says what it is.
  const wanted = file.bytes !== null && held >= file.bytes ? 0 : held;
  if (file.bytes !== null && held === file.bytes && held > 0) return;
  const opened = await source.open(file.name, wanted);
  const total = file.bytes ?? opened.totalBytes;
  const handle = await open(part, opened.from > 0 ? 'a' : 'w');
  let bytes = opened.from;
  try {
    for await (const chunk of opened.chunks) {
      bytes += chunk.length;
      if (total !== null && bytes > total) break;
      await write(handle, chunk, download);
      onProgress?.(bytes, total);
    }
    await handle.sync().catch(ignoreUnsupported);
  } finally {
    await handle.close();
  }
  if (total === null || bytes === total) return;
  const fault = bytes > total ? `more than the ${total} bytes` : `only ${bytes} bytes of the ${total}`;
  throw new SurtitreError(
    'model-truncated',
    `${source.describe(file.name)} has ${fault} that the manifest names, and was not taken.`,
    { retryable: bytes < total },
  );
}

/** The same error with what came and what was wanted, for whoever compares with the publisher's list. */
async function withHashes(error: SurtitreError, part: string, file: ModelFile): Promise<SurtitreError> {
  const came = await verifyFile(part, { bytes: null, sha256: null });
  const sha256 = came.state === 'not-verified' ? came.sha256 : 'of nothing';
  return new SurtitreError(
    'model-truncated',
    `${error.message} Its sha256 is ${sha256}, and the manifest wants ${file.sha256 ?? 'an unknown one'}.`,
  );
}

async function write(handle: FileHandle, chunk: Uint8Array, { file, target }: FileDownload): Promise<void> {
  try {
    await handle.writeFile(chunk);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    const size = file.bytes === null ? '' : ` (${Math.ceil(file.bytes / 1e6)} MB)`;
    throw new SurtitreError(
      'model-disk-full',
      `The disk that holds ${dirname(target)} is full: make room for ${file.name}${size} and try again; what has come is continued.`,
      { cause },
    );
  }
}

/** Devices and some network folders know no fsync. */
function ignoreUnsupported(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EINVAL' && error.code !== 'ENOTSUP') throw error;
}
