/**
 * Runs LiveKit server as a child and never outlives its supervisor, nor does the server: when the IPC channel
 * closes (the supervisor was killed), the server is stopped too. Says that it is ready once the server answers.
 * Started by {@link ManagedProcess}; argument 1 is a {@link KeeperOrder} as JSON.
 */
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface KeeperOrder {
  readonly command: string;
  readonly args: readonly string[];
  /** Answers 200 once the server is up. */
  readonly healthUrl: string;
  /** Run after the server's end, e.g. to remove its container. */
  readonly cleanUp: readonly string[] | null;
}

const POLL_MS = 25;
/** The server waits for its participants on the first signal and ends on the second. */
const SECOND_SIGNAL_MS = 50;
const KILL_MS = 800;

const order = JSON.parse(process.argv[2] ?? '{}') as KeeperOrder;
const server = spawn(order.command, order.args, { stdio: ['ignore', 'inherit', 'inherit'] });
let stopping = false;

server.once('error', (error) => {
  console.error(`${order.command} could not be run: ${error.message}`);
  process.exit(1);
});
server.once('exit', (code, signal) => {
  cleanUp();
  if (!stopping) console.error(`livekit-server ended with ${signal ?? `code ${code}`}`);
  process.exit(stopping ? 0 : 1);
});
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.once('disconnect', stop);
void reportWhenReady();

async function reportWhenReady(): Promise<void> {
  while (!(await answers())) await delay(POLL_MS);
  if (process.connected) process.send?.({ ready: true, serverPid: server.pid });
}

async function answers(): Promise<boolean> {
  try {
    const response = await fetch(order.healthUrl, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false; // not listening yet
  }
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  server.kill('SIGTERM');
  setTimeout(() => server.kill('SIGINT'), SECOND_SIGNAL_MS);
  setTimeout(() => server.kill('SIGKILL'), KILL_MS);
}

function cleanUp(): void {
  const [program, ...args] = order.cleanUp ?? [];
  if (program !== undefined) spawnSync(program, args, { stdio: 'ignore', timeout: 2_000 });
}
