#!/usr/bin/env node
/** `npm run screenshots`: takes the pictures in docs/screenshots/ anew, of a real meeting in a real Chromium. */
import './prepare/node-version.mjs';

const { spawnSync } = await import('node:child_process');
const { tool } = await import('./prepare/build.mjs');
const { provideChromium } = await import('./prepare/chromium.mjs');
const { orSentence, prepared, root } = await import('./prepare/prepared.mjs');
const { step } = await import('./prepare/progress.mjs');

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(`npm run screenshots

Takes the pictures in docs/screenshots/ anew: the pages of a meeting with people, captions and a host, in a real
Chromium over a real media server. Takes about a minute.

  --help   this text`);
  process.exit(0);
}
await prepared();
await orSentence(async () => {
  const { obtainLivekit } = await import('../dist/launch/obtain-livekit.js');
  await obtainLivekit(step);
});
await provideChromium(root);
const [node, vitest] = tool(root, 'vitest/vitest.mjs', [
  'run',
  '--config',
  'test/screenshots/vitest.config.ts',
]);
const { status } = spawnSync(node, vitest, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
process.exit(status ?? 1);
