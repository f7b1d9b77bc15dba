/**
 * A web server of files under a test's control: answers Range requests as the common ones do, and can break off,
 * lie about what it holds, and ignore ranges. Keeps what was asked for.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedFile {
  readonly content: Buffer;
  /** Sends only so many bytes of each answer, then cuts the connection; once per entry. */
  readonly breaksAfter?: number[];
  readonly ignoresRange?: boolean;
}

export class FileServer {
  readonly files = new Map<string, ServedFile>();
  /** `path` or `path bytes=…-`, with the bearer token if there was one. */
  readonly requests: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FileServer> {
    const server = createServer();
    const files = new FileServer(server);
    server.on('request', (request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      const { range, authorization } = request.headers;
      files.requests.push([path, range, authorization].filter((part) => part !== undefined).join(' '));
      const file = files.files.get(path);
      if (!file) {
        response.writeHead(404).end();
        return;
      }
      const from = file.ignoresRange ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      if (from > 0 && from >= file.content.length) {
        response.writeHead(416, { 'Content-Range': `bytes */${file.content.length}` }).end();
        return;
      }
      const rest = file.content.subarray(from);
      const last = file.content.length - 1;
      const partial = { 'Content-Range': `bytes ${from}-${last}/${file.content.length}` };
      response.writeHead(from > 0 ? 206 : 200, {
        'Content-Length': rest.length,
        ...(from > 0 ? partial : {}),
      });
      const cut = file.breaksAfter?.shift();
      if (cut === undefined) response.end(rest);
      else response.write(rest.subarray(0, cut), () => setImmediate(() => request.socket.destroy()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return files;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
