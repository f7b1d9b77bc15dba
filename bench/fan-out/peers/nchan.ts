/** nchan: nginx with its publish-subscribe module, a channel per room, JSON, nothing kept. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { lastingPort } from '../../lasting-port.ts';
import { ended, pinned } from '../child-server.ts';
import type { Peer } from '../peer.ts';
import { upgradeRequest } from '../viewer-frames.ts';

const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';

export function nchan(): Peer | null {
  const { stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  if (!existsSync(MODULE) || !stderr) return null;
  return {
    name: 'nchan',
    version: `nginx ${/nginx\/([\d.]+)/.exec(stderr)?.[1] ?? ''}`,
    configuration: 'one process, no message buffer, JSON, a publish per update over WebSocket',
    async start(rooms) {
      const port = await lastingPort();
      const folder = mkdtempSync(join(tmpdir(), 'surtitre-nchan-'));
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, configuration(port, folder));
      const server = pinned(['nginx', '-p', folder, '-c', file, '-e', join(folder, 'error.log')]);
      const publishers: WebSocket[] = [];
      for (let room = 0; room < rooms; room += 1) publishers.push(await publisher(port, room));
      return {
        pid: server.pid ?? 0,
        port,
        groups: Array.from({ length: rooms }, (_, room) => ({
          request: upgradeRequest(`/sub/${room}`),
          hello: Buffer.alloc(0),
        })),
        publish(room, updates) {
          for (const update of updates) {
            publishers[room]?.send(JSON.stringify({ type: 'appended', ...update }));
          }
        },
        async close() {
          for (const socket of publishers) socket.terminate();
          await ended(server);
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

async function publisher(port: number, room: number): Promise<WebSocket> {
  for (let attempt = 1; ; attempt += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/pub/${room}`, { perMessageDeflate: false });
    const error = await new Promise<Error | null>((resolve) => {
      socket.once('open', () => resolve(null));
      socket.once('error', resolve);
    });
    if (error === null) return socket;
    if (attempt === 50) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function configuration(port: number, folder: string): string {
  return `load_module ${MODULE};
daemon off;
master_process off;
pid ${folder}/nginx.pid;
worker_rlimit_nofile 20000;
events { worker_connections 16000; use epoll; multi_accept on; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  tcp_nodelay on;
  nchan_max_reserved_memory 256M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ /sub/(\\w+)$ {
      nchan_subscriber websocket;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
    }
    location ~ /pub/(\\w+)$ {
      nchan_publisher websocket;
      nchan_channel_id $1;
      nchan_message_buffer_length 1;
      nchan_message_timeout 1s;
    }
  }
}
`;
}
