/** What passes between two HTTP servers, word by word: a proxy that keeps each request and its answer. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

export interface RecordedHttp {
  readonly port: number;
  /** In the order in which they were answered. */
  readonly exchanges: Exchange[];
  close(): Promise<void>;
}

export async function recordHttp(targetPort: number): Promise<RecordedHttp> {
  const exchanges: Exchange[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    const body = await text(incoming);
    const forwarded = request({ host: '127.0.0.1', port: targetPort, method, path, headers });
    forwarded.end(body);
    const [response] = await once(forwarded, 'response').catch(() => [null]);
    if (response === null) {
      outgoing.destroy(); // one of the two servers went
      return;
    }
    const answer = await text(response);
    exchanges.push({ method, path, body, status: response.statusCode, answer });
    outgoing.writeHead(response.statusCode, response.headers).end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    exchanges,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
