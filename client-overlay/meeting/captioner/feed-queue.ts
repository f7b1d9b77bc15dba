/**
 * Sends what a captioner writes, one text after the other, each until it was answered: texts are numbered, so sending
 * one twice changes nothing. Nothing typed is lost while the connection is away; the queue is bounded, and full it
 * takes no more, which the page says.
 */
import type { FeedRequest, FeedResponse } from '../../../protocol/captioner-api.ts';
import { ServiceProblem } from '../api/service-problem.ts';

export type FeedText = Omit<FeedRequest, 'sequence'>;

export type FeedState =
  | 'idle'
  | 'sending'
  /** No answer; the same text is sent again. */
  | 'offline'
  /** The host has switched captions off: what is written meanwhile is left out. */
  | 'off'
  /** The invitation is not valid, or no longer. */
  | 'refused';

export interface FeedQueueOptions {
  readonly nextSequence: number;
  readonly send: (post: FeedRequest) => Promise<FeedResponse>;
  readonly onChange: () => void;
}

/** Some ten minutes of words. */
const MAX_WAITING = 2_000;
const RETRY_MS = { min: 500, max: 5_000 } as const;

export class FeedQueue {
  readonly #options: FeedQueueOptions;
  readonly #waiting: FeedRequest[] = [];
  #nextSequence: number;
  #acknowledged: number;
  #state: FeedState = 'idle';
  #isOpen = false;
  /** A text is on its way: there is never more than one. */
  #isBusy = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(options: FeedQueueOptions) {
    this.#options = options;
    this.#nextSequence = options.nextSequence;
    this.#acknowledged = options.nextSequence - 1;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** All texts up to this number have arrived. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  get isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  /** The number of this text, or undefined when the queue is full. */
  add(text: FeedText): number | undefined {
    if (this.isFull) return undefined;
    const sequence = this.#nextSequence++;
    this.#waiting.push({ sequence, ...text });
    if (this.#waiting.length === 1) void this.#sendNext();
    return sequence;
  }

  /** Sends from now on, also what was added before. May be called again after {@link close}. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    void this.#sendNext();
  }

  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#retryTimer);
  }

  async #sendNext(): Promise<void> {
    const post = this.#waiting[0];
    if (post === undefined || !this.#isOpen || this.#isBusy) return;
    this.#isBusy = true;
    if (this.#state !== 'offline') this.#setState('sending');
    try {
      await this.#options.send(post);
      this.#isBusy = false;
      this.#finish(post, 'idle');
    } catch (failure) {
      this.#isBusy = false;
      const kind = failure instanceof ServiceProblem ? failure.kind : 'failed';
      if (kind === 'not-allowed' || kind === 'unknown-room') this.#setState('refused');
      // What the service does not take is left out: everything behind it would wait for ever.
      else if (kind === 'not-now') this.#finish(post, 'off');
      else if (kind === 'invalid') this.#finish(post, 'idle');
      else this.#retry();
    }
  }

  #finish(post: FeedRequest, state: FeedState): void {
    this.#failures = 0;
    this.#acknowledged = post.sequence;
    this.#waiting.shift();
    this.#setState(this.#waiting.length > 0 && state === 'idle' ? 'sending' : state);
    void this.#sendNext();
  }

  #retry(): void {
    this.#setState('offline');
    const delayMs = Math.min(RETRY_MS.max, RETRY_MS.min * 2 ** this.#failures);
    this.#failures += 1;
    if (this.#isOpen) this.#retryTimer = setTimeout(() => void this.#sendNext(), delayMs);
  }

  #setState(state: FeedState): void {
    this.#state = state;
    this.#options.onChange();
  }
}
