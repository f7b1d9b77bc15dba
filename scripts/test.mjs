#!/usr/bin/env node
/** `npm test`: sets everything up, checks, and runs all tests once. Files or folders as arguments narrow it down. */
import './prepare/node-version.mjs';

const { spawn } = await import('node:child_process');
const { mkdirSync, readFileSync, rmSync } = await import('node:fs');
const { join } = await import('node:path');
const { tool } = await import('./prepare/build.mjs');
const { check } = await import('./prepare/check.mjs');
const { provideChromium } = await import('./prepare/chromium.mjs');
const { provideDebianPackage } = await import('./prepare/debian-package.mjs');
const { provideRedis } = await import('./prepare/redis.mjs');
const { orSentence, prepared, root } = await import('./prepare/prepared.mjs');
const { step } = await import('./prepare/progress.mjs');

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(`npm test [-- FILE… | --long]

Installs and builds what is not current, checks format, lint rules and types, and runs the tests: unit and end to
end, with a real media server, the real model and a real Chromium. Nothing else needs to be set up.

  FILE…    only the test files whose path contains one of these; skips the checks
  --long   the tests in test/long/ instead: hours of audio, many viewers
  --help   this text`);
  process.exit(0);
}
const long = args.includes('--long');
const filters = args.filter((arg) => !arg.startsWith('--'));

await prepared();
await orSentence(async () => {
  if (filters.length === 0) await check(root);
  const { obtainLivekit } = await import('../dist/launch/obtain-livekit.js');
  await obtainLivekit(step);
});
await provideChromium(root);
await provideRedis(root);
await provideDebianPackage(root, {
  name: 'prometheus',
  title: 'Prometheus',
  programs: ['promtool'],
  lost: 'the tests of its rules and of the dashboards are',
});
process.exit(await runTests());

async function runTests() {
  const resultFile = join(root, '.surtitre', 'test-results.json');
  mkdirSync(join(root, '.surtitre'), { recursive: true });
  rmSync(resultFile, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`];
  const [node, vitest] = tool(root, 'vitest/vitest.mjs', [
    'run',
    '--passWithNoTests',
    ...reporters,
    ...filters,
  ]);
  const env = { ...process.env, SURTITRE_LONG_TESTS: long ? 'true' : '' };
  const code = await new Promise((resolve, reject) => {
    const child = spawn(node, vitest, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return summarise(resultFile, code);
}

/** The closing line for whoever reads only that; a run that broke off before its end counts as failed. */
function summarise(resultFile, code) {
  let results;
  try {
    results = JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    console.log('0 passed, 1 failed, 0 skipped');
    return code === 0 ? 1 : code;
  }
  const tests = results.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: file.name })),
  );
  const skipped = tests.filter(
    ({ status }) => status === 'skipped' || status === 'pending' || status === 'todo',
  );
  for (const { fullName, file } of skipped) {
    console.log(`skipped: ${fullName} (${file.slice(root.length)})`);
  }
  // A file that could not even be loaded has no tests of its own.
  const broken = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const failed = results.numFailedTests + broken.length;
  console.log(`${results.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`);
  return failed > 0 && code === 0 ? 1 : code;
}
