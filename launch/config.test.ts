import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readLaunchConfig } from './config.ts';
import { livekitConfig } from './livekit-config.ts';
import { claimPort } from './ports.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'surtitre-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (env: Record<string, string> = {}) =>
  readLaunchConfig({ SURTITRE_STATE_FOLDER: folder, ...env });

test('keys are generated once, long, readable by their owner only, and kept', () => {
  const { keys } = read();
  expect(keys.apiSecret.length).toBeGreaterThanOrEqual(32);
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(read().keys).toEqual(keys);
  expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).not.toContain('devkey');
});

test('so is the operator’s token, unless one is given', () => {
  const { operatorToken } = read();
  expect(operatorToken.length).toBeGreaterThanOrEqual(32);
  expect(statSync(join(folder, 'operator-token')).mode & 0o777).toBe(0o600);
  expect(read().operatorToken).toBe(operatorToken);
  expect(read({ SURTITRE_OPERATOR_TOKEN: 'given' }).operatorToken).toBe('given');
});

test('a given server needs its key and a long enough secret; all faults are told at once', () => {
  const env = { LIVEKIT_URL: 'http://media', LIVEKIT_API_SECRET: 'secret', SURTITRE_HTTP_PORT: 'eighty' };
  expect(() => read(env)).toThrow(
    /4 fault.*LIVEKIT_API_KEY is required.*LIVEKIT_API_SECRET must have at least 32.*LIVEKIT_URL must be.*SURTITRE_HTTP_PORT/,
  );
});

test('an empty name of the demo speakers means none', () => {
  expect(read({ SURTITRE_DEMO_AGENT_NAME: '' }).demoAgentName).toBe('');
  expect(read().demoAgentName).toBe('surtitre-demo');
});

test('the media server listens on loopback only and reports to the gateway', () => {
  const settings = livekitConfig({
    keys: { apiKey: 'APIx', apiSecret: 's'.repeat(32) },
    port: 7880,
    udpPort: 7882,
    webhookUrl: 'http://127.0.0.1:8080/api/livekit/webhook',
    bridged: false,
  });
  expect(JSON.parse(settings)).toMatchObject({
    bind_addresses: ['127.0.0.1'],
    rtc: { tcp_port: 0, udp_port: 7882, node_ip: '127.0.0.1', ips: { includes: ['127.0.0.1/32'] } },
    keys: { APIx: 's'.repeat(32) },
    webhook: { api_key: 'APIx', urls: ['http://127.0.0.1:8080/api/livekit/webhook'] },
  });
});

test('a taken port is told with the variable that changes it; 0 finds a free one', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const wish = {
    host: '127.0.0.1',
    port,
    transport: 'tcp',
    variable: 'SURTITRE_HTTP_PORT',
    purpose: 'gateway',
  } as const;
  try {
    await expect(claimPort(wish)).rejects.toThrow(
      `The gateway cannot use port ${port} on 127.0.0.1: another program listens there. ` +
        'Stop that program, or choose another port with SURTITRE_HTTP_PORT.',
    );
    expect(await claimPort({ ...wish, port: 0 })).toBeGreaterThan(0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
