/**
 * A failure that a person can act on. `message` is one sentence that says what is wrong and what to do;
 * it never holds a secret, a caption or a name. `code` is stable: docs/errors.md lists them all.
 */
export class SurtitreError extends Error {
  override readonly name = 'SurtitreError';
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
