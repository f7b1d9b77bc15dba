/** The keys that clients may use. Compared in constant time, so that none can be guessed letter by letter. */
import { createHash, timingSafeEqual } from 'node:crypto';

export class ApiKeys {
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digestOf);
  }

  has(key: string | undefined): boolean {
    if (key === undefined) return false;
    const digest = digestOf(key);
    let found = false;
    for (const known of this.#digests) if (timingSafeEqual(known, digest)) found = true;
    return found;
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
