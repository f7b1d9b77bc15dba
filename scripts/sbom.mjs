#!/usr/bin/env node
/** `npm run sbom`: what runs in production, as CycloneDX, on standard output. npm itself writes it, from the lock file. */
import './prepare/node-version.mjs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (process.argv.includes('--help')) {
  console.log(`npm run --silent sbom > surtitre.cdx.json

Writes a CycloneDX software bill of materials of the packages that run in production, with their checksums. Needs no
network and nothing installed.`);
} else {
  const args = [
    'sbom',
    '--sbom-format=cyclonedx',
    '--sbom-type=application',
    '--omit=dev',
    '--package-lock-only',
  ];
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { status } = spawnSync('npm', args, { cwd, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
