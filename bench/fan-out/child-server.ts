/** A server of the comparison in a process of its own, on a core of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;
const CLOCK_TICKS_PER_S = 100;

export interface ChildServer {
  readonly pid: number;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a program that prints `{"port": …}` as its first line. */
export async function startServer(
  program: readonly string[],
  env: Record<string, string> = {},
): Promise<ChildServer> {
  const child = pinned(program, env);
  const [line] = (await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, 'data'),
    once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`${program.join(' ')} ended with ${code}`)),
    ),
  ])) as [Buffer];
  const { port } = JSON.parse(line.toString().split('\n')[0] ?? '') as { port: number };
  return { pid: child.pid ?? 0, port, close: () => ended(child) };
}

/** This process too, which says what is said: on the client's side. */
export function stayOnClientCore(): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(CLIENT_CORE), String(process.pid)], { stdio: 'ignore' });
}

export function pinned(program: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn('taskset', ['-c', String(SERVER_CORE), ...program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Seconds of processor time, user and system, that a process has had. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // "pid (name) state ppid …": the name may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
}

export function residentBytes(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) * 1_024;
}
