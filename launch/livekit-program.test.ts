import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isUsableVersion, LIVEKIT_VERSION, livekitProgram } from './livekit-program.ts';
import { checksumOf } from './livekit-release.ts';

let folder: string;
let lines: string[];
let mirror: Server | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'surtitre-livekit-test-'));
  mkdirSync(join(folder, 'path'));
  lines = [];
  mirror = null;
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => (mirror === null ? resolve(null) : mirror.close(resolve)));
});

/** Nothing but what a test puts into `path/` can be found; the tools of a shell stay within reach of scripts. */
function search(releases = 'http://127.0.0.1:9') {
  const progress = {
    step: <T>(_label: string, work: () => Promise<T>) => work(),
    line: (text: string) => lines.push(text),
  };
  const env = { PATH: join(folder, 'path'), SURTITRE_LIVEKIT_RELEASES: releases };
  return livekitProgram({ stateFolder: folder, progress, env });
}

function program(path: string, script: string): string {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

async function serve(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  const server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  mirror = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a server on the PATH is used first', async () => {
  const path = program('path/livekit-server', `echo livekit-server version ${LIVEKIT_VERSION}`);
  program('bin/livekit-server', `echo livekit-server version ${LIVEKIT_VERSION}`);
  expect(await search()).toEqual({ kind: 'binary', path });
});

test('one that is too old is passed over, with a line, for the one obtained before', async () => {
  program('path/livekit-server', 'echo livekit-server version 1.8.4');
  const path = program('bin/livekit-server', `echo livekit-server version ${LIVEKIT_VERSION}`);
  expect(await search()).toEqual({ kind: 'binary', path });
  expect(lines).toEqual([
    expect.stringMatching(/passed over: version 1\.8\.4, and 1\.9\.2 or newer is needed/),
  ]);
});

test('Go builds the pinned version and the result is kept', async () => {
  program(
    'path/go',
    `test "$2" = github.com/livekit/livekit-server/cmd/server@v${LIVEKIT_VERSION} || exit 1
     mkdir -p "$GOBIN" && printf '#!/bin/sh\\necho built' > "$GOBIN/server"`,
  );
  const found = await search();
  expect(found).toEqual({ kind: 'binary', path: join(folder, 'bin', 'livekit-server') });
  expect(readFileSync(join(folder, 'bin', 'livekit-server'), 'utf8')).toContain('echo built');
});

test('Docker is taken when its daemon answers, after a Go that failed said why', async () => {
  program('path/go', 'echo "no network here" >&2; exit 1');
  program('path/docker', 'exit 0');
  expect(await search()).toEqual({ kind: 'container', image: `livekit/livekit-server:v${LIVEKIT_VERSION}` });
  expect(lines).toEqual([expect.stringMatching(/with Go .*did not work \(no network here\)/)]);
});

test('with no way left, one sentence lists what to install', async () => {
  program('path/docker', 'exit 1');
  await expect(search()).rejects.toThrow(/Install one of: Go .*Docker, or livekit-server .*LIVEKIT_URL/);
});

describe.runIf(process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch))(
  'the release archive',
  () => {
    const archive = `livekit_${LIVEKIT_VERSION}_linux_${process.arch === 'x64' ? 'amd64' : 'arm64'}.tar.gz`;

    function files(checksum?: string) {
      program('release/livekit-server', 'echo released');
      execFileSync('tar', ['-czf', join(folder, archive), '-C', join(folder, 'release'), 'livekit-server']);
      const bytes = readFileSync(join(folder, archive));
      const digest = checksum ?? createHash('sha256').update(bytes).digest('hex');
      return {
        [`/v${LIVEKIT_VERSION}/${archive}`]: bytes,
        [`/v${LIVEKIT_VERSION}/checksums.txt`]: `${'0'.repeat(64)}  other.tar.gz\n${digest}  ${archive}\n`,
      };
    }

    test('is unpacked when its checksum is the published one', async () => {
      const found = await search(await serve(files()));
      expect(found).toEqual({ kind: 'binary', path: join(folder, 'bin', 'livekit-server') });
      expect(readFileSync(join(folder, 'bin', 'livekit-server'), 'utf8')).toContain('echo released');
    });

    test('is discarded when it is not', async () => {
      await expect(search(await serve(files('f'.repeat(64))))).rejects.toThrow(/could not be fetched/);
      expect(lines).toEqual([
        expect.stringMatching(/does not have its published checksum and was discarded/),
      ]);
    });
  },
);

test('checksums are found by the exact name', () => {
  expect(checksumOf('a.tgz', `${'1'.repeat(64)}  aa.tgz\n${'2'.repeat(64)} *a.tgz\n`)).toBe('2'.repeat(64));
  expect(checksumOf('a.tgz', 'garbage a.tgz')).toBeNull();
});

test.each([
  ['1.13.5', true],
  ['1.9.2', true],
  ['1.9.1', false],
  ['1.10.0', true],
  ['2.0.0', false],
  ['dev', false],
])('version %s is usable: %s', (version, usable) => {
  expect(isUsableVersion(version)).toBe(usable);
});
