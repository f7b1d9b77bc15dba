/** Everything that an agent reports to a person. One factory a reason; docs/errors.md lists the codes. */
import { SurtitreError } from '../runtime/errors.ts';

export const agentErrors = {
  joinFailed: (cause: unknown) =>
    new SurtitreError(
      'agent-join-failed',
      'The agent could not join a room. Check that LIVEKIT_URL is reachable from the agent, also over UDP.',
      { retryable: true, cause: withoutTokens(cause) },
    ),
  keyRefused: (status: number) =>
    new SurtitreError(
      'agent-key-refused',
      `The LiveKit server refused the agent (HTTP ${status}). Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair that the server knows.`,
    ),
  engineFailed: (cause: unknown) =>
    new SurtitreError(
      'agent-engine-failed',
      'The speech engine stopped working. The agent ends so that it is started again.',
      { retryable: true, cause },
    ),
  healthPortTaken: (port: number, cause: unknown) =>
    new SurtitreError(
      'agent-health-port-taken',
      `Port ${port} is taken. Set SURTITRE_AGENT_HEALTH_PORT to another one, or to 0 for any.`,
      { cause },
    ),
} as const;

const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** LiveKit repeats a token that it refuses in its message, and errors are logged. */
function withoutTokens(cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(message.replace(TOKEN, '<token>'));
}
