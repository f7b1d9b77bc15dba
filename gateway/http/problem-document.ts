/** Every refusal of the HTTP API as an RFC 9457 problem document that names the field at fault. */
import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import type { Problem } from '../../protocol/room-api.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not permitted',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Not possible now',
  413: 'Request too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  423: 'Room locked',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'LiveKit does not answer',
  503: 'Not ready',
};

/** Thrown by a route to answer with a problem document. `field` is a JSON pointer into the input. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly field: string | undefined;

  constructor(status: number, detail: string, field?: string) {
    super(detail);
    this.status = status;
    this.field = field;
  }
}

export const unknownRoom = (): ProblemError =>
  new ProblemError(404, 'There is no such room. Check the link, or create a new room.');

export const notTheHost = (): ProblemError =>
  new ProblemError(
    403,
    'Only the room’s host may do this: send its host key as Authorization: Bearer <key>.',
  );

export const tooManyRooms = (): ProblemError =>
  new ProblemError(503, 'As many meetings are open as this deployment carries. Try again later.');

export const livekitFailed = (): ProblemError =>
  new ProblemError(502, 'The meeting server does not answer. Try again in a moment.');

export function problemOf(status: number, detail?: string, field?: string): Problem {
  return {
    type: 'about:blank',
    title: TITLES[status] ?? 'Request failed',
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(field === undefined ? {} : { field }),
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(problem);
}

/** Fastify's error handler: what is not ours or the client's fault is logged, and its cause stays inside. */
export function handleError(
  error: FastifyError | ProblemError,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  if (error instanceof ProblemError) {
    return sendProblem(reply, problemOf(error.status, error.message, error.field));
  }
  if (error.validation) {
    const { detail, field } = describeValidation(error.validation, error.validationContext);
    return sendProblem(reply, problemOf(422, detail, field));
  }
  const status = error.statusCode ?? 500;
  if (status >= 500) {
    request.log.error({ err: error }, 'request failed');
    return sendProblem(reply, problemOf(500, 'The gateway failed; its log says why.'));
  }
  return sendProblem(reply, problemOf(status, describeRefusal(error, status)));
}

function describeRefusal(error: FastifyError, status: number): string {
  if (status === 413) return 'The body may have at most 16 KiB.';
  if (status === 415) return 'Send the body as application/json.';
  if (status === 429) return `${error.message}.`;
  if (error.code?.startsWith('FST_ERR_CTP')) return 'The body is not valid JSON.';
  return error.message;
}

function describeValidation(
  errors: readonly FastifySchemaValidationError[],
  context: string | undefined,
): { detail: string; field: string | undefined } {
  const error = errors[0];
  const path = error?.instancePath ?? '';
  const prefix = context === undefined || context === 'body' ? '' : `/${context}`;
  const params = error?.params ?? {};
  if (error?.keyword === 'required') {
    return { detail: 'This field is required.', field: `${prefix}${path}/${params.missingProperty}` };
  }
  if (error?.keyword === 'additionalProperties') {
    return { detail: 'There is no such field.', field: `${prefix}${path}/${params.additionalProperty}` };
  }
  const allowed = errors
    .filter(({ keyword, instancePath }) => keyword === 'const' && instancePath === path)
    .map(({ params: { allowedValue } }) => String(allowedValue));
  const rule =
    allowed.length > 0
      ? `must be one of ${allowed.join(', ')}`
      : (error?.message?.replace('be object', 'be an object') ?? 'is invalid');
  return { detail: `This value ${rule}.`, field: `${prefix}${path}` || undefined };
}
