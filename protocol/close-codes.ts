/** Why a gateway closes a WebSocket, and whether the client should come back. */
export interface CloseCode {
  readonly code: number;
  readonly reason: string;
  /** `resume`: reconnect with the last position; `refresh`: with a new token; `stop`: do not. */
  readonly client: 'resume' | 'refresh' | 'stop';
}

export const CLOSE_CODES = {
  /** The gateway restarts or drains. */
  goingAway: { code: 1012, reason: 'gateway restarts', client: 'resume' },
  /** The viewer reads more slowly than captions come; its position is safe. */
  tooSlow: { code: 4408, reason: 'too slow, resume', client: 'resume' },
  malformed: { code: 4400, reason: 'malformed message', client: 'stop' },
  tokenExpired: { code: 4401, reason: 'token expired', client: 'refresh' },
  roomClosed: { code: 4410, reason: 'room closed', client: 'stop' },
  joinTimeout: { code: 4409, reason: 'no join message in time', client: 'resume' },
  /** Another connection of the same agent took over. */
  replaced: { code: 4412, reason: 'replaced by a newer connection', client: 'stop' },
  /** More bytes than a viewer has reason to send. */
  tooMany: { code: 4429, reason: 'too many messages', client: 'stop' },
  tooLarge: { code: 1009, reason: 'message too large', client: 'stop' },
} as const satisfies Record<string, CloseCode>;

/** A viewer closes with this to join again at its position: something did not arrive. Gateways only count it. */
export const VIEWER_RESUMES = 4900;

export function closeCodeOf(code: number): CloseCode | undefined {
  return Object.values(CLOSE_CODES).find((known) => known.code === code);
}
