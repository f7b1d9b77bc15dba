/** NATS: `nats-server` with its WebSocket listener, a subject per room, JSON. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { lastingPort } from '../../lasting-port.ts';
import { ended, pinned } from '../child-server.ts';
import type { Peer } from '../peer.ts';
import { clientFrame, upgradeRequest } from '../viewer-frames.ts';

export function nats(): Peer | null {
  const version = printed('nats-server', ['--version']);
  if (version === null) return null;
  return {
    name: 'NATS over WebSocket',
    version: version.replace('nats-server: v', '').trim(),
    configuration: 'no TLS, no compression, JSON, a publish per update',
    async start(rooms) {
      const [port, clientPort] = [await lastingPort(), await lastingPort()];
      const folder = mkdtempSync(join(tmpdir(), 'surtitre-nats-'));
      const file = join(folder, 'nats.conf');
      writeFileSync(
        file,
        `listen: 127.0.0.1:${clientPort}
max_connections: 64K
log_file: "${join(folder, 'nats.log')}"
websocket { listen: "127.0.0.1:${port}", no_tls: true, compression: false }
`,
      );
      const server = pinned(['nats-server', '--config', file], { GOMAXPROCS: '1' });
      const client = await connect({
        servers: `127.0.0.1:${clientPort}`,
        waitOnFirstConnect: true,
        reconnectTimeWait: 50,
        maxReconnectAttempts: 200,
      });
      return {
        pid: server.pid ?? 0,
        port,
        groups: Array.from({ length: rooms }, (_, room) => ({
          request: upgradeRequest('/'),
          hello: clientFrame(
            'binary',
            `CONNECT {"verbose":false,"pedantic":false}\r\nSUB room.${room} 1\r\n`,
          ),
        })),
        publish(room, updates) {
          for (const update of updates) {
            client.publish(`room.${room}`, JSON.stringify({ type: 'appended', ...update }));
          }
        },
        async close() {
          await client.close();
          await ended(server);
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

export function printed(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch {
    return null;
  }
}
