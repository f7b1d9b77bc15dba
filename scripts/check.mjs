#!/usr/bin/env node
/** `npm run check`: formatting, lint rules and types of everything, as CI checks them. */
import './prepare/node-version.mjs';

const { check } = await import('./prepare/check.mjs');
const { orSentence, prepared, root } = await import('./prepare/prepared.mjs');
await prepared({ build: false });
await orSentence(() => check(root));
