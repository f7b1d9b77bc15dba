/** For operators only: metrics and the figures behind the status page. Without a configured token, not there at all. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';
import { OperatorStatus } from '../../protocol/operator-api.ts';
import { Problem } from '../../protocol/room-api.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { bearerToken } from '../rooms/access-tokens.ts';
import type { HttpServer } from './http-server.ts';
import { operatorStatus } from './operator-status.ts';
import { ProblemError } from './problem-document.ts';

export interface OperatorRoutesOptions {
  readonly metrics: GatewayMetrics;
  readonly operatorToken: string | undefined;
}

export function addOperatorRoutes(http: HttpServer, { metrics, operatorToken }: OperatorRoutesOptions): void {
  const { registry } = metrics;
  const identity = { node: hostname(), startedAtMs: Date.now() };

  http.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    requireOperator(request.headers.authorization);
    return reply.type(registry.contentType).send(await registry.metrics());
  });

  http.get(
    '/api/operator/status',
    {
      schema: {
        summary: 'Latencies, load and losses of this gateway (operator only)',
        security: [{ operatorToken: [] }],
        response: { 200: OperatorStatus, 401: Problem, 404: Problem },
      },
    },
    async (request, reply) => {
      requireOperator(request.headers.authorization);
      reply.header('Cache-Control', 'no-store');
      return operatorStatus(await registry.getMetricsAsJSON(), identity, Date.now());
    },
  );

  function requireOperator(authorization: string | undefined): void {
    if (operatorToken === undefined) {
      throw new ProblemError(404, 'This deployment has no operator’s token (SURTITRE_OPERATOR_TOKEN).');
    }
    if (isSame(bearerToken(authorization) ?? '', operatorToken)) return;
    metrics.authFailures.inc({ reason: 'operator' });
    throw new ProblemError(401, 'Send the operator’s token as Authorization: Bearer <token>.');
  }
}

/** In a time that does not tell how much of it was right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
