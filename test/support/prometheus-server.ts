/**
 * A real Prometheus that scrapes what a test names, and promtool. Tests that need them skip, and say why, where
 * there is none.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { lastingPort } from '../../bench/lasting-port.ts';
import { findExecutable } from '../../runtime/executable.ts';

export const promtool = (args: readonly string[]) => promisify(execFile)(program('promtool'), args);

/** Null when both programs are there. */
export function prometheusLack(): string | null {
  return ['prometheus', 'promtool'].every((name) => find(name) !== null)
    ? null
    : 'no Prometheus found; install the package prometheus';
}

export interface RunningPrometheus {
  /** Values of an instant query, one for each series. */
  query(expression: string): Promise<number[]>;
  close(): Promise<void>;
}

export interface PrometheusOptions {
  /** Addresses such as 127.0.0.1:9090, by job. */
  readonly targets: Readonly<Record<string, string>>;
  readonly bearerTokens?: Readonly<Record<string, string>>;
  readonly ruleFiles: readonly string[];
}

export async function startPrometheus(options: PrometheusOptions): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'surtitre-prometheus-'));
  const port = await lastingPort();
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: options.ruleFiles.map((file) => resolve(file)),
    scrape_configs: Object.entries(options.targets).map(([job, target]) => ({
      job_name: job,
      static_configs: [{ targets: [target] }],
      ...(options.bearerTokens?.[job] === undefined
        ? {}
        : { authorization: { credentials: options.bearerTokens[job] } }),
    })),
  };
  const file = join(folder, 'prometheus.yml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  const server = spawn(
    program('prometheus'),
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const exited = new Promise<void>((done) => server.once('exit', () => done()));
  const url = `http://127.0.0.1:${port}`;
  while (!(await isReady(url))) {
    if (server.exitCode !== null) throw new Error(`prometheus ended with code ${server.exitCode}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  return {
    async query(expression) {
      const response = await fetch(`${url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: expression }),
      });
      const answer = (await response.json()) as {
        readonly error?: string;
        readonly data?: { readonly result: readonly { readonly value: [number, string] }[] };
      };
      if (!answer.data) throw new Error(`${expression}: ${answer.error}`);
      return answer.data.result.map(({ value }) => Number(value[1]));
    },
    async close() {
      server.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function program(name: string): string {
  const path = find(name);
  if (path === null) throw new Error(`no ${name} found`);
  return path;
}

function find(name: string): string | null {
  return findExecutable([name], `${process.env.PATH ?? ''}:/usr/bin`);
}
