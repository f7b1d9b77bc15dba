/** What an orchestrator asks an agent: alive, ready, and its figures. Plain node:http, three routes. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { agentErrors } from './errors.ts';

export interface HealthServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly registry: Registry;
  /** What is still missing before rooms can be taken; empty when ready. */
  readonly missing: () => readonly string[];
}

export class HealthServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects with a {@link SurtitreError} when the port is taken. */
  static async listen({ host, port, registry, missing }: HealthServerOptions): Promise<HealthServer> {
    const server = createServer(async (request, response) => {
      if (request.url === '/metrics') {
        response.setHeader('Content-Type', registry.contentType);
        response.end(await registry.metrics());
        return;
      }
      const isReady = request.url === '/readyz';
      const waitingFor = isReady ? missing() : [];
      if (request.url === '/healthz' || isReady) {
        response.statusCode = waitingFor.length > 0 ? 503 : 200;
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ ready: waitingFor.length === 0, waitingFor }));
        return;
      }
      response.statusCode = 404;
      response.end();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(agentErrors.healthPortTaken(port, error)));
      server.listen(port, host, resolve);
    });
    return new HealthServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
