#!/usr/bin/env node
/** `npm run transcribe`: prepares like `npm start`, then runs agents/transcribe.ts. */
import './prepare/node-version.mjs';

const { prepared } = await import('./prepare/prepared.mjs');
await prepared({ verbose: process.argv.includes('--verbose') });
await import('../dist/agents/transcribe.js');
