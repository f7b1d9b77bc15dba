/** The packages that this is built from: pinned by their bytes, running nothing when installed, listed on demand. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../launch/project-root.ts';
import { KNOWN_INSTALL_SCRIPTS, readLockFile } from '../scripts/prepare/lock-file.mjs';

const run = promisify(execFile);
const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8'));

interface Bom {
  readonly bomFormat: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes?: readonly { readonly alg: string }[];
  }[];
}

describe('the lock file', () => {
  it('pins every package by its bytes, names no address, and runs no unlisted install script', () => {
    expect(readLockFile(lock).faults).toEqual([]);
  });

  it('leaves unverified only what is optional and for other systems', () => {
    for (const name of readLockFile(lock).unverified) {
      expect(name).toMatch(/darwin|win32|android|arm|musl/);
    }
  });

  it.each([
    ['no checksum', { version: '1.0.0' }, 'x 1.0.0 has no SHA-512'],
    ['a weak checksum', { version: '1.0.0', integrity: 'sha1-AAAA' }, 'x 1.0.0 has no SHA-512'],
    [
      'an address of its own',
      { version: '1.0.0', integrity: 'sha512-AAAA', resolved: 'https://evil.example/x.tgz' },
      'x 1.0.0 names an address',
    ],
    [
      'an install script',
      { version: '1.0.0', integrity: 'sha512-AAAA', hasInstallScript: true },
      'x 1.0.0 has an install script',
    ],
    [
      'no checksum, though optional',
      { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
      'no SHA-512',
    ],
  ])('with a package that has %s is refused', (_what, entry, fault) => {
    const { faults } = readLockFile({ packages: { 'node_modules/y/node_modules/x': entry } });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('lists no install script that is gone', () => {
    const names = Object.entries(lock.packages as Record<string, { hasInstallScript?: boolean }>)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/.*node_modules\//, ''));
    expect([...KNOWN_INSTALL_SCRIPTS].sort()).toEqual(names.sort());
  });
});

describe('the bill of materials', () => {
  it('is CycloneDX and names what runs, with checksums, and nothing of what only builds', async () => {
    const { stdout } = await run(process.execPath, [join(projectRoot, 'scripts/sbom.mjs')], {
      maxBuffer: 64 * 1_048_576,
    });
    const bom = JSON.parse(stdout) as Bom;
    expect(bom.bomFormat).toBe('CycloneDX');
    const names = bom.components.map(({ name }) => name);
    expect(names).toContain('fastify');
    expect(names).not.toContain('vitest');
    const fastify = bom.components.find(({ name }) => name === 'fastify');
    expect(fastify?.hashes?.[0]?.alg).toBe('SHA-512');
  });
});

describe('the audit', () => {
  it('says whether the advisory service could be asked, and never passes when it could not', async () => {
    const audit = run(process.execPath, [join(projectRoot, 'scripts/audit.mjs')], {
      // Port 9 (discard): nothing listens there.
      env: { ...process.env, npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0' },
    });
    await expect(audit).rejects.toMatchObject({
      code: 3,
      stdout: expect.stringContaining('Lock file: every package has its checksum'),
      stderr: expect.stringContaining('Vulnerabilities: NOT CHECKED'),
    });
  });
});
