#!/usr/bin/env node
/** `npm run demo`: prepares like `npm start`, then runs demo/speak-and-follow.ts. */
import './prepare/node-version.mjs';

const { prepared } = await import('./prepare/prepared.mjs');
await prepared({ verbose: process.argv.includes('--verbose') });
// npm runs this in the project's folder; the files named are meant from where the person stands.
process.chdir(process.env.INIT_CWD ?? process.cwd());
await import('../dist/demo/speak-and-follow.js');
