/** `/metrics` on a port of its own, for a Prometheus inside the same network: no token, nothing else is there. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { portTaken } from '../errors.ts';
import type { GatewayMetrics } from '../metrics.ts';

const REQUEST_TIMEOUT_MS = 5_000;

export interface MetricsServer {
  readonly port: number;
  close(): void;
}

/** Port 0: any free one. Rejects with `port-taken`. */
export async function startMetricsServer(
  host: string,
  port: number,
  { registry }: GatewayMetrics,
): Promise<MetricsServer> {
  const timeouts = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS };
  const server = createServer(timeouts, async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': registry.contentType }).end(await registry.metrics());
  }).listen(port, host);
  await once(server, 'listening').catch(() => {
    throw portTaken('metrics server', `${host}:${port}`, 'SURTITRE_METRICS_PORT');
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
