/**
 * How long a newcomer waits: `npm start` in a fresh clone until it prints its address, Ctrl-C until nothing is left,
 * and the next `npm start`. The caches of npm and Go are as the machine has them, so the first of several runs tells
 * about cold ones where they were cold.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FREE_PORTS } from '../launch/free-ports.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { count, resultFile } from './parameters.ts';
import { percentile } from './percentile.ts';
import { leaveResult } from './result-file.ts';

const READY = 'Surtitre is ready';

const { runs, results } = readCommandLine({
  program: 'start-times',
  about: `How long a newcomer waits: npm start in a fresh clone until it prints its address, Ctrl-C until nothing is left,
and the next npm start. About a minute a run.`,
  parameters: {
    runs: count('fresh clones', 3),
    results: resultFile,
  },
});
const before = machine();
const times = { firstS: [] as number[], laterS: [] as number[], stopMs: [] as number[] };

for (let run = 1; run <= runs; run += 1) {
  const folder = mkdtempSync(join(tmpdir(), 'surtitre-start-'));
  try {
    execFileSync('git', ['clone', '--quiet', process.cwd(), folder]);
    times.firstS.push(await startAndStop(folder));
    times.laterS.push(await startAndStop(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.error(`run ${run}: first ${times.firstS.at(-1)} s, later ${times.laterS.at(-1)} s`);
}

const spread = (all: readonly number[]) => ({
  median: percentile(all, 0.5),
  least: Math.min(...all),
  greatest: Math.max(...all),
});
const summary = {
  date: new Date().toISOString(),
  machine: before,
  command: `node dist/bench/start-times.js ${process.argv.slice(2).join(' ')}`,
  runs,
  ...Object.fromEntries(Object.entries(times).map(([name, all]) => [name, spread(all)])),
};
leaveResult(summary, results);

/** Seconds to the printed address; the time of stopping goes to `times`. */
async function startAndStop(folder: string): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...FREE_PORTS },
  });
  await printed(child);
  const ready = performance.now();
  child.kill('SIGINT');
  await once(child, 'exit');
  times.stopMs.push(Math.round(performance.now() - ready));
  return Math.round((ready - began) / 100) / 10;
}

function printed(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(READY)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
  });
}
