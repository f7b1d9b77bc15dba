/** What LiveKit tells of its rooms. Believed only if signed over the very bytes received. */
import { WebhookReceiver } from 'livekit-server-sdk';
import type { GatewayConfig } from '../config.ts';
import type { HttpServer } from '../http/http-server.ts';
import { ProblemError } from '../http/problem-document.ts';
import type { GatewayMetrics } from '../metrics.ts';

export interface WebhookRouteOptions {
  readonly config: GatewayConfig;
  readonly metrics: GatewayMetrics;
  readonly onRoomFinished: (room: string) => void;
}

export async function addWebhookRoute(http: HttpServer, options: WebhookRouteOptions): Promise<void> {
  const { config, metrics } = options;
  const receiver = new WebhookReceiver(config.livekitApiKey, config.livekitApiSecret);
  await http.register(async (scope) => {
    // The signature covers the raw bytes: no parser of ours may touch them. LiveKit sends application/webhook+json.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.post(
      '/api/livekit/webhook',
      { schema: { summary: 'Webhook for the LiveKit server' }, config: { rateLimit: false } },
      async (request, reply) => {
        const body = typeof request.body === 'string' ? request.body : '';
        const event = await receiver.receive(body, request.headers.authorization).catch(() => {
          metrics.authFailures.inc({ reason: 'webhook' });
          throw new ProblemError(401, 'The webhook is not signed with this deployment’s LiveKit API key.');
        });
        metrics.webhooks.inc({ event: event.event });
        const room = event.room?.name ?? '';
        if (event.event === 'room_finished') options.onRoomFinished(room);
        return reply.code(204).send();
      },
    );
  });
}
