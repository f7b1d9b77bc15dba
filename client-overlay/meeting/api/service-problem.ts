/** Why the room service did not do what was asked, as far as a person can act on it. */
export type ServiceProblemKind =
  /** No answer: the service is down or the network is. */
  | 'unreachable'
  /** No such room, or it is over. */
  | 'unknown-room'
  | 'too-many-requests'
  /** Right, but not while things are as they are: the host has switched something off. */
  | 'not-now'
  /** The host has locked the room. */
  | 'locked'
  /** The host's rights are needed, or the token is no longer valid. */
  | 'not-allowed'
  /** The service refused the input. */
  | 'invalid'
  /** The service answered, but not as it should. */
  | 'failed';

export class ServiceProblem extends Error {
  override readonly name = 'ServiceProblem';
  readonly kind: ServiceProblemKind;

  constructor(kind: ServiceProblemKind, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.kind = kind;
  }
}

export function problemKindOfStatus(status: number): ServiceProblemKind {
  if (status === 404 || status === 410) return 'unknown-room';
  if (status === 409) return 'not-now';
  if (status === 423) return 'locked';
  if (status === 429) return 'too-many-requests';
  if (status === 401 || status === 403) return 'not-allowed';
  if (status === 502 || status === 503 || status === 504) return 'unreachable';
  return status >= 400 && status < 500 ? 'invalid' : 'failed';
}
