/** What an orchestrator asks: alive, ready, and how it goes. */

import type { GatewayMetrics } from '../metrics.ts';
import type { HttpServer } from './http-server.ts';
import { problemOf, sendProblem } from './problem-document.ts';

export interface HealthRoutesOptions {
  readonly metrics: GatewayMetrics;
  /** Null when ready, else a sentence that says what is missing. */
  readonly whyNotReady: () => Promise<string | null>;
}

export function addHealthRoutes(http: HttpServer, { metrics, whyNotReady }: HealthRoutesOptions): void {
  const hidden = { schema: { hide: true }, config: { rateLimit: false } } as const;
  http.get('/healthz', hidden, () => ({ status: 'alive' }));
  http.get('/readyz', hidden, async (_request, reply) => {
    const reason = await whyNotReady();
    return reason === null ? { status: 'ready' } : sendProblem(reply, problemOf(503, reason));
  });
  http.get('/metrics', hidden, async (_request, reply) => {
    const text = await metrics.registry.metrics();
    return reply.type(metrics.registry.contentType).send(text);
  });
}
