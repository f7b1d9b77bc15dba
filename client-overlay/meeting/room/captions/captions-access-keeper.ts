/**
 * Keeps a person's access to the captions from running out: renews the token well before it does, and at once
 * when asked for one that is stale (the computer slept). One renewal at a time.
 */
import type { CaptionsAccess } from '../../../../protocol/room-api.ts';

export interface CaptionsAccessKeeperOptions {
  readonly first: CaptionsAccess;
  /** Gets new access with the token held so far. */
  readonly refresh: (token: string) => Promise<CaptionsAccess>;
}

/** A token is renewed when this share of its life is left. */
const RENEW_AT_SHARE_LEFT = 0.2;
/** Closer to its end than this, a token may be refused by the time it arrives. */
const STALE_WITHIN_MS = 10_000;
const RETRY_AFTER_MS = 15_000;
/** setTimeout fires at once above 2^31 ms. */
const LONGEST_TIMER_MS = 2_000_000_000;

export class CaptionsAccessKeeper {
  /** Told each renewed token. */
  onToken: ((token: string) => void) | undefined;
  readonly #options: CaptionsAccessKeeperOptions;
  #access: CaptionsAccess;
  #renewal: Promise<string> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: CaptionsAccessKeeperOptions) {
    this.#options = options;
    this.#access = options.first;
  }

  /** Renews by itself from now on. */
  start(): void {
    this.#closed = false;
    this.#scheduleRenewal();
  }

  /** The token provider of `<surtitre-captions>`, which calls it when it has no token or a refused one. */
  readonly provideToken = (refused = false): Promise<string> => {
    const msLeft = this.#access.captionsTokenExpiresMs - Date.now();
    return msLeft > STALE_WITHIN_MS && !refused ? Promise.resolve(this.#access.captionsToken) : this.#renew();
  };

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #scheduleRenewal(): void {
    const msLeft = Math.max(0, this.#access.captionsTokenExpiresMs - Date.now());
    this.#wake(Math.min(LONGEST_TIMER_MS, msLeft * (1 - RENEW_AT_SHARE_LEFT)));
  }

  #wake(afterMs: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#renew().catch(() => this.#wake(RETRY_AFTER_MS));
    }, afterMs);
  }

  #renew(): Promise<string> {
    this.#renewal ??= this.#options
      .refresh(this.#access.captionsToken)
      .then((access) => {
        this.#access = access;
        this.#scheduleRenewal();
        if (!this.#closed) this.onToken?.(access.captionsToken);
        return access.captionsToken;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }
}
