/** The HTTP side: one Fastify with strict input, security headers, a request limit and problem documents. */
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { Logger } from '../../runtime/log.ts';
import type { GatewayConfig } from '../config.ts';
import { handleError, problemOf, sendProblem } from './problem-document.ts';

const BODY_LIMIT_BYTES = 16_384;
/** Who sends slowly on purpose holds a connection for so long and no longer. */
const TIMEOUTS = {
  /** For the whole request; Fastify's default is for ever. */
  requestTimeout: 15_000,
  headersTimeout: 5_000,
  /** How often Node looks for those that are over; its default of 30 s would be their true limit. */
  connectionsCheckingInterval: 1_000,
};
/** The two sheets that react-aria adds to a page, word for word: no scrolling past a dialog, no delayed taps. */
const LIBRARY_STYLES = [
  'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o=',
  'sha256-gYiS/BvZvRcK27JIXTuwhZ3hs2+VJ1X+2gUlE+farlg=',
];
const MAX_HEADER_BYTES = 16_384;

export interface HttpServerOptions {
  readonly config: GatewayConfig;
  readonly log: Logger;
  /** WebSocket addresses that the page may open. */
  readonly connectTo: readonly string[];
}

export async function createHttpServer({ config, log, connectTo }: HttpServerOptions) {
  const http = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    // A line per request would name rooms; metrics count requests.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: TIMEOUTS.requestTimeout,
    http: { ...TIMEOUTS, maxHeaderSize: MAX_HEADER_BYTES },
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    // Input is taken as it is or refused: nothing coerced, nothing silently dropped.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    return503OnClosing: true,
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  http.removeContentTypeParser('text/plain');
  http.setErrorHandler(handleError);
  await http.register(rateLimit, { max: config.requestsPerMinute, timeWindow: 60_000 });
  await http.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy(connectTo) },
    // Whether the site is served over TLS is the business of the proxy in front.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Surtitre room and token service',
        description: 'Create and join captioned meetings. Refusals are RFC 9457 problem documents.',
        version: '0.1.0',
      },
      components: {
        securitySchemes: {
          captionsToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'The captions token of a participant.',
          },
          captionerToken: {
            type: 'http',
            scheme: 'bearer',
            description: 'The token with which the host invited a captioner.',
          },
          operatorToken: { type: 'http', scheme: 'bearer', description: 'Of whoever runs the deployment.' },
          hostKey: { type: 'http', scheme: 'bearer', description: 'The host key of the room.' },
        },
      },
    },
  });
  http.setNotFoundHandler({ preHandler: http.rateLimit() }, (request, reply) => {
    const pattern = routePattern(request.url);
    const methods = http.supportedMethods.filter((method) => http.hasRoute({ method, url: pattern }));
    if (methods.length === 0 || methods.includes(request.method))
      return sendProblem(reply, problemOf(404, 'There is nothing at this address.'));
    reply.header('Allow', methods.join(', '));
    return sendProblem(reply, problemOf(405, `Use ${methods.join(' or ')} here.`));
  });
  return http;

  /** `hasRoute` wants the pattern, and throws at some; `findMyWay`'s lookup by address is not exposed. */
  function routePattern(url: string): string {
    const path = url.replace(/[?#].*$/, '').replace(/[:*]/g, '');
    return path
      .replace(/^\/api\/rooms\/[^/]+/, '/api/rooms/:roomId')
      .replace(/\/participants\/[^/]+/, '/participants/:identity');
  }
}

export type HttpServer = Awaited<ReturnType<typeof createHttpServer>>;

function contentSecurityPolicy(connectTo: readonly string[]): Record<string, string[]> {
  return {
    'default-src': ["'self'"],
    'base-uri': ["'none'"],
    'object-src': ["'none'"],
    'frame-ancestors': ["'self'"],
    'form-action': ["'self'"],
    'script-src': ["'self'"],
    'style-src': ["'self'", ...LIBRARY_STYLES.map((hash) => `'${hash}'`)],
    'img-src': ["'self'", 'data:', 'blob:'],
    'media-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'"],
    'worker-src': ["'self'", 'blob:'],
    'connect-src': ["'self'", ...connectTo.flatMap(withHttp)],
  };
}

/** livekit-client asks the same host over HTTP when its WebSocket fails, to learn why. */
function withHttp(url: string): string[] {
  const { origin, protocol, host } = new URL(url);
  const source = origin === 'null' ? `${protocol}//${host}` : origin;
  return [source, source.replace(/^ws/, 'http')];
}
