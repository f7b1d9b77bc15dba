#!/usr/bin/env node
/** `npm run model`: prepares like `npm start`, then runs agents/models/model-command.ts. */
import './prepare/node-version.mjs';

const { prepared } = await import('./prepare/prepared.mjs');
await prepared();
await import('../dist/agents/models/model-command.js');
