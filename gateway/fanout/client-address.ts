/** Whose connection it is, and how many an address may have. */

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { BlockList, isIPv6 } from 'node:net';

const decoder = new TextDecoder();

export class ClientAddresses {
  readonly #trusted = new BlockList();
  readonly #limit: number;
  readonly #open = new Map<string, number>();

  constructor(options: { trustedProxies: readonly string[]; maxPerAddress: number }) {
    this.#limit = options.maxPerAddress;
    for (const proxy of options.trustedProxies) {
      const [address = '', prefix] = proxy.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(prefix), family);
    }
  }

  /** The address of the other end; behind a trusted proxy, the one that it names last. */
  of(res: HttpResponse, req: HttpRequest): string {
    const address = decoder.decode(res.getRemoteAddressAsText());
    const forwarded = req.getHeader('x-forwarded-for');
    if (forwarded === '' || !this.#trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return address;
    return forwarded.slice(forwarded.lastIndexOf(',') + 1).trim();
  }

  isFull(address: string): boolean {
    return (this.#open.get(address) ?? 0) >= this.#limit;
  }

  add(address: string): void {
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1);
  }

  remove(address: string): void {
    const left = (this.#open.get(address) ?? 0) - 1;
    if (left > 0) this.#open.set(address, left);
    else this.#open.delete(address);
  }
}
