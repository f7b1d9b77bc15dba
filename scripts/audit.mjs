#!/usr/bin/env node
/** `npm run audit`: the lock file, install scripts, and known vulnerabilities. For CI, and before a release. */
import './prepare/node-version.mjs';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLockFile } from './prepare/lock-file.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const UNREACHABLE = 3;

if (process.argv.includes('--help')) {
  console.log(`npm run audit [-- --level LEVEL]

Checks package-lock.json (a SHA-512 for every package, no addresses, no install script that is not listed) and asks
the registry's advisory service about the packages that run in production.

  --level LEVEL  fail from this severity on: low, moderate, high (default), critical

Exit code 0: nothing found. 1: something was found. 3: the advisory service could not be asked, so vulnerabilities are
not known; the lock file was checked all the same.`);
  process.exit(0);
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const { faults, unverified } = readLockFile(lock);
for (const fault of faults) console.error(fault);
if (faults.length === 0)
  console.log('Lock file: every package has its checksum, none runs an unlisted install script.');
if (unverified.length > 0) {
  console.log(`Not for Linux on x86-64, and without a checksum: ${unverified.length} optional packages.`);
}
process.exitCode = faults.length > 0 ? 1 : askAdvisories();

function askAdvisories() {
  const at = process.argv.indexOf('--level');
  const level = at === -1 ? 'high' : process.argv[at + 1];
  const args = ['audit', '--omit=dev', '--json', `--audit-level=${level}`];
  const { stdout, status } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  const answer = parsed(stdout);
  if (answer?.metadata?.vulnerabilities === undefined) {
    const reason = answer?.message ?? answer?.error?.summary ?? 'no answer';
    console.error(`Vulnerabilities: NOT CHECKED. The advisory service could not be asked (${reason}).`);
    return UNREACHABLE;
  }
  const counts = Object.entries(answer.metadata.vulnerabilities).filter(([name]) => name !== 'total');
  console.log(`Vulnerabilities: ${counts.map(([name, count]) => `${count} ${name}`).join(', ')}.`);
  for (const { name, severity, range } of Object.values(answer.vulnerabilities ?? {})) {
    console.error(`${severity}: ${name} ${range}`);
  }
  return status === 0 ? 0 : 1;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // npm wrote something else, or nothing
  }
}
