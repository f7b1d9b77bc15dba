#!/usr/bin/env node
/** `npm run demo`: prepares like `npm start`, then runs demo/speak-and-follow.ts. */
import './prepare/node-version.mjs';

const { prepared } = await import('./prepare/prepared.mjs');
await prepared({ verbose: process.argv.includes('--verbose') });
await import('../dist/demo/speak-and-follow.js');
