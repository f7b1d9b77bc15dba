#!/usr/bin/env node
/** `npm run bench`: the figures that the documents quote, measured again on this machine. */
import './prepare/node-version.mjs';

const { spawn } = await import('node:child_process');
const { orSentence, prepared, root } = await import('./prepare/prepared.mjs');
const { run } = await import('./prepare/command.mjs');
const { tool } = await import('./prepare/build.mjs');
const { step } = await import('./prepare/progress.mjs');

const SUITES = {
  'fan-out-cost': 'processor time, latency and bytes of a delivery beside other servers (about 22 minutes)',
  'fan-out-memory': 'memory of a connection at 10,000 (4 minutes)',
  'fan-out-stalled': 'readers beside viewers that have stopped reading (4 minutes)',
  'fan-out-storm': '5,000 viewers whose gateway is killed (2 minutes; needs redis-server)',
  'fan-out-rolling-restart': 'three gateways replaced in turn (3 minutes; needs redis-server)',
};

const args = process.argv.slice(2);
const unknown = args.filter((arg) => !(arg in SUITES));
if (unknown.length > 0) {
  console.log(`npm run bench [-- SUITE…]

Measures on this machine, which should do nothing else meanwhile, and writes dated files to bench/results/.
Needs two cores, Linux, a C compiler; peers that are not installed are left out and named.

${Object.entries(SUITES)
  .map(([name, what]) => `  ${name.padEnd(24)} ${what}`)
  .join('\n')}

Without a suite, all of them. \`node dist/bench/plot.js\` then draws the tables.`);
  process.exit(args.includes('--help') || args.includes('-h') ? 0 : 1);
}

await prepared();
await orSentence(() =>
  step('Compiling the benches', () =>
    run(...tool(root, 'typescript/bin/tsc', ['-b', 'bench']), { cwd: root }),
  ),
);
const date = new Date().toISOString().slice(0, 10);
for (const suite of args.length > 0 ? args : Object.keys(SUITES)) {
  console.error(`\n${suite}: ${SUITES[suite]}`);
  const program = `dist/bench/fan-out/${suite.replace('fan-out-', '')}.js`;
  const results = `bench/results/${suite}-${date}.json`;
  const code = await new Promise((resolve) =>
    spawn(process.execPath, [program, '--results', results], { cwd: root, stdio: 'inherit' }).on(
      'exit',
      resolve,
    ),
  );
  if (code !== 0) process.exit(code ?? 1);
  console.error(`written to ${results}`);
}
