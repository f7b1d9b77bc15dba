/** `npm start`: the whole product on this machine, until Ctrl-C. Prints one address once everything is ready. */
import { setTimeout as delay } from 'node:timers/promises';
import { SurtitreError } from '../runtime/errors.ts';
import { readLaunchConfig } from './config.ts';
import { terminalProgress } from './progress.ts';
import { type Stack, startStack } from './stack.ts';
import { reachable } from './stack-processes.ts';

const progress = terminalProgress();
/** `fetch` itself can wait for ever on a connection that is cut at once, and a wait of its own does not keep us alive. */
const LOOK_MS = 1_000;

const abandon = new AbortController();
let starting: Promise<Stack> | null = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));

try {
  starting = startStack({
    config: readLaunchConfig(process.env),
    progress,
    env: process.env,
    signal: abandon.signal,
    showLogs: process.argv.includes('--verbose'),
    onGivenUp: (error) => {
      progress.line(error.message);
      void stop(1);
    },
  });
  const { url } = await starting;
  if (!abandon.signal.aborted) console.log(`Surtitre is ready: ${url}`);
} catch (error) {
  if (!abandon.signal.aborted) {
    progress.line(error instanceof SurtitreError ? error.message : String((error as Error).stack));
    if (error instanceof SurtitreError && error.code === 'port-taken') await tellWhetherItRuns();
    process.exit(1);
  }
}

/** The commonest reason for a taken port. */
async function tellWhetherItRuns(): Promise<void> {
  const { httpHost, httpPort } = readLaunchConfig(process.env);
  const url = `http://${reachable(httpHost)}:${httpPort}`;
  const answer = await Promise.race([deploymentAt(url), delay(LOOK_MS, null)]);
  if (answer !== null && 'captionRetentionS' in answer) progress.line(`Surtitre already runs at ${url}.`);
}

async function deploymentAt(url: string): Promise<object | null> {
  try {
    return (await (await fetch(`${url}/api/deployment`)).json()) as object;
  } catch {
    return null; // something else listens there
  }
}

/** Also in the middle of a start: what is up by then is stopped again. */
async function stop(exitCode: number): Promise<void> {
  if (abandon.signal.aborted) return;
  abandon.abort();
  try {
    await (await starting)?.stop();
  } catch {
    // the start was abandoned and has cleaned up
  }
  process.exit(exitCode);
}
