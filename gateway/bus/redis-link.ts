/**
 * The two connections to Redis or Valkey, one for scripts and one for subscriptions, kept as one: either both
 * stand or neither is used. Invariant: nothing survives a loss. Calls that were under way reject, subscriptions
 * are gone, and whoever needs them begins again at `onUp`; so there is one way to come back, whatever happened.
 */

import { createClient, RESP_TYPES } from '@redis/client';
import type { Logger } from '../../runtime/log.ts';
import { BusUnavailable } from './caption-bus.ts';
import { ALL_SCRIPTS, type RedisScript } from './redis-scripts.ts';

/** A server that stands still is noticed after one of these and a half. */
const PING_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_MS = { min: 50, max: 1_000 };
/** Since this release a subscription may live on the shard that owns its key. Valkey began with 7.2. */
const SHARDED_SINCE = 7;

export interface RedisLinkOptions {
  readonly url: string;
  readonly log: Logger;
  readonly onUp: () => void;
  readonly onDown: () => void;
  /** A script was answered after so long. */
  readonly onCalled?: (seconds: number) => void;
}

type Listener = (message: Buffer, channel: Buffer) => void;
type Clients = Awaited<ReturnType<typeof openClients>>;

export class RedisLink {
  readonly #options: RedisLinkOptions;
  #clients: Clients | null = null;
  #state: 'new' | 'connecting' | 'up' | 'waiting' | 'closed' = 'new';
  /** Since the link stood last. */
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #isPongPending = false;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Whether channels are published with SPUBLISH; only while up. */
  get isSharded(): boolean {
    return this.#clients?.isSharded ?? false;
  }

  /** Resolves after the first attempt, whatever came of it. */
  async open(): Promise<void> {
    this.#state = 'connecting';
    let clients: Clients | undefined;
    try {
      clients = await openClients(this.#options.url, (error) => this.#fail(clients, error));
      if (this.#isClosed) {
        clients.destroy();
        return;
      }
      this.#clients = clients;
      this.#state = 'up';
      this.#failures = 0;
      this.#isPongPending = false;
      const opened = clients;
      this.#pinger = setInterval(() => this.#ping(opened), PING_MS);
      this.#options.log.info({ sharded: opened.isSharded }, 'connected to Redis');
      this.#options.onUp();
    } catch (error) {
      this.#retryLater(error);
    }
  }

  /** Rejects with {@link BusUnavailable} when the link is down or breaks meanwhile, and with the server's error. */
  async call(script: RedisScript, keys: string[], args: (string | Buffer)[]): Promise<unknown> {
    const clients = this.#clients;
    if (!clients) throw new BusUnavailable('Redis cannot be reached');
    const sinceMs = performance.now();
    try {
      const answer = await clients.commands.evalSha(script.digest, { keys, arguments: args });
      this.#options.onCalled?.((performance.now() - sinceMs) / 1_000);
      return answer;
    } catch (error) {
      if (this.#clients !== clients) throw new BusUnavailable('the connection to Redis broke');
      const message = error instanceof Error ? error.message : '';
      if (message.startsWith('NOSCRIPT')) {
        return await clients.commands
          .eval(script.source, { keys, arguments: args })
          .catch((cause: unknown) => {
            throw new BusUnavailable('Redis refused', { cause });
          });
      }
      // A replica answers where a primary did: the address now means another server.
      if (/^(READONLY|LOADING|MASTERDOWN|UNBLOCKED)/.test(message)) this.#fail(clients, error);
      throw new BusUnavailable('Redis refused', { cause: error });
    }
  }

  async subscribe(channel: string, listener: Listener): Promise<void> {
    const clients = this.#clients;
    if (!clients) throw new BusUnavailable('Redis cannot be reached');
    try {
      if (clients.isSharded) await clients.subscriptions.sSubscribe(channel, listener, true);
      else await clients.subscriptions.subscribe(channel, listener, true);
    } catch (error) {
      throw new BusUnavailable('Redis refused a subscription', { cause: error });
    }
    if (this.#clients !== clients) throw new BusUnavailable('the connection to Redis broke');
  }

  unsubscribe(channel: string, listener: Listener): void {
    const clients = this.#clients;
    if (!clients) return;
    const { subscriptions, isSharded } = clients;
    const done = isSharded
      ? subscriptions.sUnsubscribe(channel, listener, true)
      : subscriptions.unsubscribe(channel, listener, true);
    // A link that breaks meanwhile has no subscriptions left.
    done.catch(() => {});
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#retry);
    this.#drop();
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #ping(clients: Clients): void {
    if (this.#isPongPending) {
      this.#fail(clients, new Error('Redis does not answer'));
      return;
    }
    this.#isPongPending = true;
    Promise.all([clients.commands.ping(), clients.subscriptions.ping()]).then(
      () => {
        if (this.#clients === clients) this.#isPongPending = false;
      },
      (error: unknown) => this.#fail(clients, error),
    );
  }

  #fail(clients: Clients | undefined, error: unknown): void {
    if (clients === undefined || this.#clients !== clients) return;
    this.#drop();
    this.#options.onDown();
    this.#retryLater(error);
  }

  #drop(): void {
    clearInterval(this.#pinger);
    const clients = this.#clients;
    this.#clients = null;
    clients?.destroy();
  }

  #retryLater(error: unknown): void {
    if (this.#isClosed) return;
    const ceilingMs = Math.min(RETRY_MS.max, RETRY_MS.min * 2 ** Math.min(this.#failures, 8));
    if (this.#failures === 0) this.#options.log.warn({ err: error }, 'Redis cannot be reached; trying again');
    this.#failures += 1;
    this.#state = 'waiting';
    this.#retry = setTimeout(() => void this.open(), RETRY_MS.min + Math.random() * ceilingMs);
  }
}

/** Rejects when either connection cannot be made; afterwards `onError` hears of the first that breaks. */
async function openClients(url: string, onError: (error: unknown) => void) {
  const plain = newClient(url);
  const commands = plain.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const subscriptions = newClient(url);
  const destroy = (): void => {
    for (const client of [plain, subscriptions]) if (client.isOpen) client.destroy();
  };
  for (const client of [plain, subscriptions]) client.on('error', onError);
  try {
    await Promise.all([plain.connect(), subscriptions.connect()]);
    const info = await plain.info('server');
    const version = Number(/redis_version:(\d+)/.exec(info)?.[1] ?? 0);
    // A script that must first be sent again would be overtaken by the calls after it.
    await Promise.all(ALL_SCRIPTS.map(({ source }) => plain.scriptLoad(source)));
    return { commands, subscriptions, isSharded: version >= SHARDED_SINCE, destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}

/**
 * `createClient` makes a class of hundreds of commands each time, and the event loop stands still for tens of
 * milliseconds: too long for each attempt to reach a Redis that is away. What is duplicated shares the class.
 */
let original: ReturnType<typeof createOriginal> | undefined;

function createOriginal() {
  return createClient({ RESP: 2 as const, disableOfflineQueue: true });
}

function newClient(url: string) {
  original ??= createOriginal();
  const socket = { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false as const };
  return original.duplicate({ url, socket });
}
