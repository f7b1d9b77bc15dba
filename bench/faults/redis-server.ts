/**
 * A real Redis or Valkey server on a free loopback port, empty, keeping nothing on disk. Tests that need it skip,
 * and say why, where there is none:
 *
 *     const redis = findRedisServer();
 *     describe.skipIf(redis.path === null)(`the bus${redis.path ? '' : ` (skipped: ${redis.reason})`}`, …)
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type RedisClientType } from '@redis/client';
import { findExecutable, isExecutable } from '../../runtime/executable.ts';
import { lastingPort } from '../lasting-port.ts';

export type FoundRedisServer =
  | { readonly path: string; readonly reason: null }
  | { readonly path: null; readonly reason: string };

/** `REDIS_SERVER_BIN`, then PATH. */
export function findRedisServer(): FoundRedisServer {
  const wanted = process.env.REDIS_SERVER_BIN;
  const path =
    wanted && isExecutable(wanted)
      ? wanted
      : findExecutable(['redis-server', 'valkey-server'], `${process.env.PATH ?? ''}:/usr/bin`);
  return path === null
    ? { path: null, reason: 'no redis-server found; install it or set REDIS_SERVER_BIN' }
    : { path, reason: null };
}

/** A new class of client takes tens of milliseconds; duplicates share this one's. */
const original: RedisClientType = createClient();

export class RedisServer {
  readonly port: number;
  readonly #path: string;
  readonly #options: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'surtitre-redis-'));
  #process: ChildProcess | null = null;
  #client: RedisClientType | null = null;

  private constructor(path: string, port: number, options: readonly string[]) {
    this.#path = path;
    this.port = port;
    this.#options = options;
  }

  /** `options`: as on redis-server's command line. */
  static async start(...options: string[]): Promise<RedisServer> {
    const found = findRedisServer();
    if (found.path === null) throw new Error(found.reason);
    const server = new RedisServer(found.path, await lastingPort(), options);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    args.push('--repl-diskless-sync-delay', '0');
    const child = spawn(this.#path, [...args, '--dir', this.#folder, ...this.#options], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = child;
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes('Ready to accept connections')) break;
    }
    if (!said.includes('Ready to accept connections')) {
      throw new Error(`redis-server ended: ${said.slice(-1_000)}`);
    }
  }

  /** Everything that it held is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    this.#client?.destroy();
    this.#client = null;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Stands still: connections stay, nothing is answered. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async command(...args: string[]): Promise<unknown> {
    if (!this.#client) {
      const client: RedisClientType = original.duplicate({
        url: this.url,
        socket: { reconnectStrategy: false },
      });
      client.on('error', () => {});
      await client.connect();
      this.#client = client;
    }
    return this.#client.sendCommand(args);
  }

  /** How often each kind of command was called, also by scripts. */
  async calls(command: string): Promise<number> {
    const info = String(await this.command('INFO', 'commandstats'));
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
  }

  async close(): Promise<void> {
    this.resume();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
