#!/usr/bin/env node
/** `npm run build`: installs and builds what is not current, and nothing else. */
import './prepare/node-version.mjs';

const { prepared } = await import('./prepare/prepared.mjs');
await prepared({ verbose: process.argv.includes('--verbose') });
