/**
 * Where a model's files come from: its origin on the web, a mirror, or a folder (a USB disk in an air-gapped site).
 * Mirrors and folders are laid out as `models/` is: NAME/manifest.json and the files beside it.
 */
import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { SurtitreError } from '../../runtime/errors.ts';
import { MANIFEST_NAME } from './manifest-file.ts';
import { sizeOf } from './model-files.ts';

export interface OpenedFile {
  /** Position of the first byte that comes; 0 although more was asked for: the source cannot resume. */
  readonly from: number;
  /** Length of the whole file, where the source knows. */
  readonly totalBytes: number | null;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface FileSource {
  /** For messages: never holds credentials. */
  describe(file: string): string;
  /** Bytes of a file from `from` on. Fails with `model-source-missing` or `model-download-failed`. */
  open(file: string, from: number): Promise<OpenedFile>;
}

/** `from`: an http(s) address or a folder, with a model's folder in it. */
export function mirrorSource(from: string, model: string, token?: string): FileSource {
  if (/^https?:\/\//.test(from)) return webSource(new URL(`${from.replace(/\/$/, '')}/${model}/`), token);
  return folderSource(join(resolve(from), model));
}

export function webSource(base: URL, token?: string): FileSource {
  const describe = (file: string) => {
    const { origin, pathname } = new URL(encodeURIComponent(file), base);
    return origin + pathname;
  };
  return { describe, open: (file, from) => openAddress(describe(file), from, token) };
}

export function folderSource(folder: string): FileSource {
  const describe = (file: string) => join(folder, file);
  return {
    describe,
    open: async (file) => {
      const path = describe(file);
      const totalBytes = await sizeOf(path);
      if (totalBytes === null) throw sourceMissing(path);
      return { from: 0, totalBytes, chunks: createReadStream(path) };
    },
  };
}

/** The manifest of a model that this installation does not know yet. */
export async function fetchManifest(source: FileSource): Promise<string> {
  const { chunks } = await source.open(MANIFEST_NAME, 0);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    length += chunk.length;
    if (length > MAX_MANIFEST_BYTES)
      throw downloadFailed(source.describe(MANIFEST_NAME), 'too long for a manifest');
  }
  return Buffer.concat(pieces).toString('utf8');
}

const MAX_MANIFEST_BYTES = 1_048_576;
/** Time without a byte after which a connection counts as broken. */
const SILENCE_MS = 60_000;

async function openAddress(shown: string, from: number, token: string | undefined): Promise<OpenedFile> {
  const abort = new AbortController();
  let silence = setTimeout(() => abort.abort(), SILENCE_MS);
  const stop = () => clearTimeout(silence);
  try {
    const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
    // fetch leaves the token out when it is sent on to another host.
    if (token !== undefined) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(shown, { headers, signal: abort.signal });
    if (response.status === 404 || response.status === 410) throw sourceMissing(shown);
    // The part that we hold is the whole file, or longer: begin again, the digest decides.
    if (response.status === 416 && from > 0) {
      stop();
      return await openAddress(shown, 0, token);
    }
    if (!response.ok || response.body === null) throw downloadFailed(shown, `answered ${response.status}`);
    const begins = response.status === 206 ? rangeStart(response.headers.get('Content-Range')) : 0;
    if (begins !== 0 && begins !== from) throw downloadFailed(shown, 'answered with another range');
    const length = Number(response.headers.get('Content-Length') ?? Number.NaN);
    const { body } = response;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of body) {
          clearTimeout(silence);
          silence = setTimeout(() => abort.abort(), SILENCE_MS);
          yield chunk;
        }
      } catch (cause) {
        throw downloadFailed(shown, 'broke off', cause);
      } finally {
        stop();
        abort.abort();
      }
    }
    return { from: begins, totalBytes: Number.isNaN(length) ? null : begins + length, chunks: chunks() };
  } catch (error) {
    stop();
    if (error instanceof SurtitreError) throw error;
    throw downloadFailed(shown, 'cannot be reached', error);
  }
}

function rangeStart(contentRange: string | null): number {
  return Number(/^bytes (\d+)-/.exec(contentRange ?? '')?.[1] ?? -1);
}

function sourceMissing(shown: string): SurtitreError {
  return new SurtitreError(
    'model-source-missing',
    `There is no ${shown}. Check the model's name and --from (or SURTITRE_MODEL_MIRROR).`,
  );
}

function downloadFailed(shown: string, fault: string, cause?: unknown): SurtitreError {
  return new SurtitreError(
    'model-download-failed',
    `${shown} ${fault}. Try again: what has come is kept and continued.`,
    {
      retryable: true,
      cause,
    },
  );
}
