/**
 * Finds LiveKit server or obtains it, in this order: the PATH, what an earlier start obtained, Go, Docker, the
 * official release archive. A way that fails is told in one line and the next one is tried.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SurtitreError } from '../runtime/errors.ts';
import { findExecutable } from '../runtime/executable.ts';
import { downloadRelease, placeProgram } from './livekit-release.ts';
import type { Progress } from './progress.ts';

export const LIVEKIT_VERSION = '1.13.5';
/** 1.9.2 is the first that ends a refused job instead of offering it for ever. */
const OLDEST_USABLE = [1, 9, 2] as const;

const run = promisify(execFile);

/** How to start the server. The configuration goes into the variable LIVEKIT_CONFIG, never onto a command line. */
export type LivekitProgram =
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'container'; readonly image: string };

export interface LivekitSearch {
  /** Keeps `bin/livekit-server`. */
  readonly stateFolder: string;
  readonly progress: Progress;
  /** Looked up for programs; `process.env` but in tests. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

type Way = (search: LivekitSearch) => Promise<LivekitProgram | null>;

const WAYS: readonly Way[] = [onPath, kept, builtWithGo, asContainer, asRelease];

export async function livekitProgram(search: LivekitSearch): Promise<LivekitProgram> {
  for (const way of WAYS) {
    const found = await way(search);
    search.signal?.throwIfAborted();
    if (found !== null) return found;
  }
  throw new SurtitreError(
    'livekit-not-obtainable',
    `LiveKit server ${LIVEKIT_VERSION} is not on this machine and could not be fetched. Install one of: Go 1.26 ` +
      '(https://go.dev/dl), Docker, or livekit-server itself (https://github.com/livekit/livekit/releases); or ' +
      'set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to use a server that already runs.',
  );
}

/** Whether this codebase works with a server of that version, e.g. `1.13.5`. */
export function isUsableVersion(version: string): boolean {
  const parts = version.split('.').map(Number);
  if (parts.length < 3 || parts.some((part) => !Number.isInteger(part)) || parts[0] !== OLDEST_USABLE[0])
    return false;
  for (const [index, oldest] of OLDEST_USABLE.entries()) {
    const part = parts[index] ?? 0;
    if (part !== oldest) return part > oldest;
  }
  return true;
}

async function onPath({ env, progress }: LivekitSearch): Promise<LivekitProgram | null> {
  const path = findExecutable(['livekit-server'], env.PATH);
  if (path === null) return null;
  const version = await versionOf(path);
  if (version !== null && isUsableVersion(version)) return { kind: 'binary', path };
  progress.line(
    `${path} is passed over: version ${version ?? 'unknown'}, and ${OLDEST_USABLE.join('.')} or newer is needed.`,
  );
  return null;
}

async function kept({ stateFolder }: LivekitSearch): Promise<LivekitProgram | null> {
  const path = keptPath(stateFolder);
  return existsSync(path) && (await versionOf(path)) === LIVEKIT_VERSION ? { kind: 'binary', path } : null;
}

async function builtWithGo({
  env,
  stateFolder,
  progress,
  signal,
}: LivekitSearch): Promise<LivekitProgram | null> {
  const go = findExecutable(['go'], env.PATH);
  if (go === null) return null;
  const path = keptPath(stateFolder);
  const label = `Building LiveKit server ${LIVEKIT_VERSION} with Go (once, two to four minutes)`;
  const module = `github.com/livekit/livekit-server/cmd/server@v${LIVEKIT_VERSION}`;
  return attempt(progress, label, async () => {
    const building = `${path}.building`;
    await run(go, ['install', module], {
      env: { ...env, GOBIN: building },
      maxBuffer: 16_000_000,
      ...(signal && { signal }),
    });
    await placeProgram(join(building, 'server'), path);
    await rm(building, { recursive: true, force: true });
    return { kind: 'binary', path };
  });
}

async function asContainer({ env, progress }: LivekitSearch): Promise<LivekitProgram | null> {
  const docker = findExecutable(['docker'], env.PATH);
  if (docker === null) return null;
  const image = `livekit/livekit-server:v${LIVEKIT_VERSION}`;
  try {
    await run(docker, ['info'], { env, timeout: 5_000 });
  } catch {
    return null; // the client is there, a daemon is not
  }
  return attempt(progress, `Fetching the container image ${image}`, async () => {
    await run(docker, ['pull', '--quiet', image], { env });
    return { kind: 'container', image };
  });
}

async function asRelease({ env, stateFolder, progress }: LivekitSearch): Promise<LivekitProgram | null> {
  return attempt(progress, `Downloading LiveKit server ${LIVEKIT_VERSION}`, async () => {
    const path = keptPath(stateFolder);
    // A closed network has its own mirror of the archives.
    const base = env.SURTITRE_LIVEKIT_RELEASES || 'https://github.com/livekit/livekit/releases/download';
    await downloadRelease({ version: LIVEKIT_VERSION, base, path });
    return { kind: 'binary', path };
  });
}

async function attempt(
  progress: Progress,
  label: string,
  work: () => Promise<LivekitProgram>,
): Promise<LivekitProgram | null> {
  try {
    return await progress.step(label, work);
  } catch (error) {
    progress.line(`${label}: this did not work (${lastLine(error)}).`);
    return null;
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  return (stderr?.trim() || message || String(error)).trim().split('\n').at(-1) ?? '';
}

function keptPath(stateFolder: string): string {
  return join(stateFolder, 'bin', 'livekit-server');
}

async function versionOf(path: string): Promise<string | null> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000 });
    return /version v?(\S+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}
