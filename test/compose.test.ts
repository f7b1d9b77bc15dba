/** `compose.yaml`, without Docker: what it opens, what it takes away, and whether our processes accept it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../launch/project-root.ts';
import { buildIfStale } from './support/stack.ts';

const run = promisify(execFile);

interface Service {
  readonly image?: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly environment: Record<string, string>;
  readonly ports?: readonly string[];
}

const text = readFileSync(join(projectRoot, 'compose.yaml'), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };

/** As `docker compose` puts variables in: `${NAME:?sentence}`. */
function withVariables(value: string, variables: Record<string, string>): string {
  return value.replaceAll(/\$\{(\w+):\?([^}]*)\}/g, (_all, name: string, sentence: string) => {
    const known = variables[name];
    if (known !== undefined && known !== '') return known;
    throw new Error(sentence);
  });
}

function exampleVariables(): Record<string, string> {
  const lines = readFileSync(join(projectRoot, 'compose/env.example'), 'utf8').split('\n');
  const pairs = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split('=', 2));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
}

test('no service can write to itself, gain rights, or keep those it does not need', () => {
  for (const [name, service] of Object.entries(services)) {
    expect(service.read_only, name).toBe(true);
    expect(service.cap_drop, name).toEqual(['ALL']);
    expect(service.security_opt, name).toContain('no-new-privileges:true');
    expect(service.cap_add ?? [], name).toEqual(name === 'proxy' ? ['NET_BIND_SERVICE'] : []);
  }
});

test('only the proxy and the media are open to the world', () => {
  const open = Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.map((port) => `${name} ${port}`),
  );
  expect(open).toEqual(['livekit 7881:7881/tcp', 'livekit 7882:7882/udp', 'proxy 80:80', 'proxy 443:443']);
});

test('what is missing in .env is told by its name', () => {
  for (const name of Object.keys(exampleVariables())) {
    const others = { ...filledIn(), [name]: '' };
    expect(() => withVariables(text, others), name).toThrow(name);
  }
});

test('our processes accept their variables', async () => {
  await buildIfStale();
  for (const [name, folder] of [
    ['gateway', 'gateway'],
    ['agent', 'agents'],
  ] as const) {
    const environment = Object.fromEntries(
      Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
        key,
        withVariables(value, filledIn()),
      ]),
    );
    const env = { PATH: process.env.PATH, ...environment };
    await run(process.execPath, [join(projectRoot, 'dist', folder, 'main.js'), '--check-config'], { env });
  }
});

function filledIn(): Record<string, string> {
  return {
    ...exampleVariables(),
    LIVEKIT_API_SECRET: 'x'.repeat(64),
    SURTITRE_MEDIA_IP: '192.0.2.1',
    SURTITRE_TLS: 'internal',
  };
}
