/**
 * Which of several moshi-servers to ask for a stream. One that was full or out of reach rests before it is asked
 * again, longer each time; the others are asked in turn. Pure: time and chance come in as arguments.
 */
import { reconnectDelayMs } from '../../reconnect-delay.ts';

/** A slot comes free when somebody pauses: that is worth asking often. */
const FULL_REST = { minMs: 200, maxMs: 1_600 };
const LOST_REST = { minMs: 200, maxMs: 5_000 };

interface Server {
  readonly url: string;
  restsUntilMs: number;
  failures: number;
}

export type ServerChoice = { readonly url: string } | { readonly waitMs: number };

export class MoshiServers {
  readonly #servers: readonly Server[];
  #next = 0;

  constructor(urls: readonly string[]) {
    this.#servers = urls.map((url) => ({ url, restsUntilMs: 0, failures: 0 }));
  }

  /** A server to ask now, or how long all of them still rest. */
  choose(nowMs: number): ServerChoice {
    for (let i = 0; i < this.#servers.length; i++) {
      const index = (this.#next + i) % this.#servers.length;
      const server = this.#servers[index];
      if (!server || server.restsUntilMs > nowMs) continue;
      this.#next = index + 1;
      return { url: server.url };
    }
    return { waitMs: Math.min(...this.#servers.map(({ restsUntilMs }) => restsUntilMs)) - nowMs };
  }

  handleReady(url: string): void {
    for (const server of this.#servers) if (server.url === url) server.failures = 0;
  }

  handleFailure(url: string, kind: 'full' | 'lost', nowMs: number, random: number): void {
    for (const server of this.#servers) {
      if (server.url !== url) continue;
      const restMs = reconnectDelayMs(server.failures, kind === 'full' ? FULL_REST : LOST_REST, random);
      server.restsUntilMs = nowMs + restMs;
      server.failures += 1;
    }
  }
}
