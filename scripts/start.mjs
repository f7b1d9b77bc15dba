#!/usr/bin/env node
/** `npm start`: brings a fresh clone to a running product. Everything after the preparation is launch/start.ts. */
import './prepare/node-version.mjs';

const { prepared } = await import('./prepare/prepared.mjs');
const flags = process.argv.slice(2);
if (flags.includes('--help') || flags.includes('-h')) {
  console.log(`npm start [-- --verbose]

Installs, builds and starts media server, gateway, captioning agent and meeting page on this machine, and prints
their address. Ctrl-C stops them all.

  --verbose   shows what each process logs (otherwise it goes to .surtitre/logs/)
  --help      this text

Settings are environment variables; docs/runbook-start.md lists them.`);
  process.exit(0);
}
const unknown = flags.find((flag) => flag !== '--verbose');
if (unknown !== undefined) {
  console.error(`npm start does not know ${unknown}; npm start -- --help lists what it knows.`);
  process.exit(1);
}
await prepared({ verbose: flags.includes('--verbose') });
await import('../dist/launch/start.js');
