/** The load client, built from C on first use, and the questions it answers. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { CLIENT_CORE, ended } from './child-server.ts';
import type { ViewerGroup } from './peer.ts';

const SOURCE = 'bench/fan-out/load-client.c';
const PROGRAM = 'dist/bench/fan-out/load-client';

export interface LoadReport {
  readonly updates: number;
  readonly bytes: number;
  readonly messages: number;
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
  /** Processor time of the client since its start. */
  readonly cpuS: number;
  readonly open: number;
  readonly closed: number;
  readonly closeCodes: Readonly<Record<string, number>>;
}

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  /** Of them, those that stop reading once they are connected. */
  readonly stalled?: number;
  readonly groups: readonly ViewerGroup[];
}

export class LoadClient {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  }

  /** Resolves when all viewers are connected. */
  static async connect({ port, connections, stalled = 0, groups }: LoadOptions): Promise<LoadClient> {
    build();
    const folder = mkdtempSync(join(tmpdir(), 'surtitre-load-'));
    const file = join(folder, 'groups');
    const lines = groups.map(
      ({ request, hello }) => `${request.toString('hex')} ${hello.toString('hex') || '-'}`,
    );
    writeFileSync(file, `${lines.join('\n')}\n`);
    const args = [
      '-c',
      String(CLIENT_CORE),
      PROGRAM,
      String(port),
      String(connections),
      String(stalled),
      file,
    ];
    const child = spawn('taskset', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const client = new LoadClient(child, folder);
    await Promise.race([
      client.#line(),
      once(child, 'exit').then(() => Promise.reject(new Error('the load client ended'))),
    ]);
    return client;
  }

  reset(): void {
    this.#child.stdin?.write('reset\n');
  }

  async report(): Promise<LoadReport> {
    const line = this.#line();
    this.#child.stdin?.write('report\n');
    return JSON.parse(await line) as LoadReport;
  }

  async close(): Promise<void> {
    await ended(this.#child);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #line(): Promise<string> {
    const [line] = (await once(this.#lines, 'line')) as [string];
    return line;
  }
}

function build(): void {
  const built = statSync(PROGRAM, { throwIfNoEntry: false });
  if (built !== undefined && built.mtimeMs > statSync(SOURCE).mtimeMs) return;
  mkdirSync('dist/bench/fan-out', { recursive: true });
  execFileSync(process.env.CC ?? 'cc', ['-O2', '-Wall', '-Wextra', '-o', PROGRAM, SOURCE], {
    stdio: 'inherit',
  });
}
