/** The gateway's failures that an operator can act on, one factory each. docs/errors.md lists the codes. */
import { SurtitreError } from '../runtime/errors.ts';

export const portTaken = (what: string, address: string, variable: string): SurtitreError =>
  new SurtitreError(
    'port-taken',
    `The ${what} cannot listen on ${address}: the port is taken or not permitted. Set ${variable} to a free port, or to 0 for any.`,
  );

export const socketAddonMissing = (cause: unknown): SurtitreError =>
  new SurtitreError(
    'socket-addon-missing',
    'The native WebSocket server (uWebSockets.js) does not load on this Node.js and system. Use Node.js 20 or 22 on Linux (glibc) or macOS and run npm ci again without --omit=optional.',
    { cause },
  );

export const livekitUnreachable = (url: string, cause: unknown): SurtitreError =>
  new SurtitreError(
    'livekit-unreachable',
    `The LiveKit server at ${url} does not answer. Start it or correct LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.`,
    { retryable: true, cause },
  );
