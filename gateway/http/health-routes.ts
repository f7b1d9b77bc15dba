/** What an orchestrator asks: alive, and ready. */
import type { HttpServer } from './http-server.ts';
import { problemOf, sendProblem } from './problem-document.ts';

export interface HealthRoutesOptions {
  /** Null when ready, else a sentence that says what is missing. */
  readonly whyNotReady: () => Promise<string | null>;
}

export function addHealthRoutes(http: HttpServer, { whyNotReady }: HealthRoutesOptions): void {
  const hidden = { schema: { hide: true }, config: { rateLimit: false } } as const;
  http.get('/healthz', hidden, () => ({ status: 'alive' }));
  http.get('/readyz', hidden, async (_request, reply) => {
    const reason = await whyNotReady();
    return reason === null ? { status: 'ready' } : sendProblem(reply, problemOf(503, reason));
  });
}
