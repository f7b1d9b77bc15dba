#!/usr/bin/env node
/** `npm run dashboards`: compiles ops/ and writes its generated files. */
import './prepare/node-version.mjs';

const { tool } = await import('./prepare/build.mjs');
const { run } = await import('./prepare/command.mjs');
const { orSentence, prepared, root } = await import('./prepare/prepared.mjs');
await prepared({ build: false });
await orSentence(() => run(...tool(root, 'typescript/bin/tsc', ['-b', 'ops']), { cwd: root }));
process.chdir(root);
await import('../dist/ops/generate.js');
