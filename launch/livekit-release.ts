/** LiveKit server from its official release archive, checked against the checksums published beside it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SurtitreError } from '../runtime/errors.ts';

const run = promisify(execFile);
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'armv7' };
const TIMEOUT_MS = 300_000;

export interface Release {
  readonly version: string;
  /** Address under which the folder of each version lies. */
  readonly base: string;
  /** Where the program goes. */
  readonly path: string;
}

export async function downloadRelease({ version, base, path }: Release): Promise<void> {
  const architecture = ARCHITECTURES[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    throw new SurtitreError(
      'no-release',
      `LiveKit publishes no archive for ${process.platform} ${process.arch}`,
    );
  }
  const archive = `livekit_${version}_linux_${architecture}.tar.gz`;
  const [bytes, checksums] = await Promise.all([
    fetched(`${base}/v${version}/${archive}`),
    fetched(`${base}/v${version}/checksums.txt`),
  ]);
  const expected = checksumOf(archive, checksums.toString('utf8'));
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (expected !== actual) {
    throw new SurtitreError(
      'checksum-wrong',
      `${archive} does not have its published checksum and was discarded`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'surtitre-livekit-'));
  try {
    await writeFile(join(folder, archive), bytes);
    await run('tar', ['-xzf', archive, 'livekit-server'], { cwd: folder });
    await placeProgram(join(folder, 'livekit-server'), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Moves a finished program into place in one step, so that a half-written one is never found. */
export async function placeProgram(from: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await chmod(from, 0o755);
  try {
    await rename(from, path);
  } catch {
    // Another file system: copy beside the target first.
    const beside = `${path}.new`;
    await copyFile(from, beside);
    await rename(beside, path);
  }
}

/** Lines of `checksums.txt`: hex digest, two spaces, file name. */
export function checksumOf(archive: string, checksums: string): string | null {
  for (const line of checksums.split('\n')) {
    const [digest, name] = line.trim().split(/\s+\*?/);
    if (name === archive && digest !== undefined && /^[0-9a-f]{64}$/.test(digest)) return digest;
  }
  return null;
}

async function fetched(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new SurtitreError('download-failed', `${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
