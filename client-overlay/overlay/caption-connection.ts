/** The element's link to its stream: one socket per address, the token and where new ones come from. */
import type { StageTimes } from '../../protocol/caption-event.ts';
import { type CaptionDelivery, CaptionSocket, type SocketState } from './caption-socket.ts';

/** `refused`: the last token did not open a connection, so a cached one is of no use. */
export type TokenProvider = (refused: boolean) => string | Promise<string>;

export interface CaptionConnectionCallbacks {
  readonly onDelivery: (delivery: CaptionDelivery) => void;
  readonly onState: (state: SocketState) => void;
  /** There is no token and nobody to ask: {@link CaptionConnection.token} is waited for. */
  readonly onTokenNeeded: () => void;
}

/** What does not fit together is asked for again at most this often, or a faulty sender would be asked for ever. */
const REFETCH_EVERY_MS = 10_000;

export class CaptionConnection {
  tokenProvider: TokenProvider | null = null;
  readonly #callbacks: CaptionConnectionCallbacks;
  #token: string | null = null;
  #url = '';
  #socket: CaptionSocket | null = null;
  #refetchedAt = Number.NEGATIVE_INFINITY;

  constructor(callbacks: CaptionConnectionCallbacks) {
    this.#callbacks = callbacks;
  }

  get token(): string | null {
    return this.#token;
  }

  set token(token: string | null) {
    this.#token = token;
    if (token !== null && this.#socket?.state.state === 'waiting') this.#socket.retry();
  }

  /** Without an address nothing is opened. The same address as before goes on where it was. */
  open(url: string): void {
    if (url !== this.#url) {
      this.close();
      this.#socket = null;
      this.#url = url;
    }
    if (url === '') return;
    const { onDelivery, onState } = this.#callbacks;
    const getToken = (refused: boolean) => this.#provide(refused);
    this.#socket ??= new CaptionSocket({ url, getToken, onDelivery, onState });
    this.#socket.start();
  }

  close(): void {
    this.#socket?.stop();
  }

  /** The network or the person is back: no time to wait. */
  retry(): void {
    this.#socket?.retry();
  }

  handlePainted(times: StageTimes, heldMs: number): void {
    this.#socket?.handlePainted(times, heldMs);
  }

  refetch(): void {
    const now = performance.now();
    if (now - this.#refetchedAt < REFETCH_EVERY_MS) return;
    this.#refetchedAt = now;
    this.#socket?.refetch();
  }

  async #provide(refused: boolean): Promise<string | null> {
    if (this.#token !== null && !refused) return this.#token;
    if (this.tokenProvider) this.#token = await this.tokenProvider(refused);
    else if (this.#token === null) this.#callbacks.onTokenNeeded();
    return this.#token;
  }
}
