/**
 * Utterance ids that are unique in a room also across restarts of agents, without anyone to ask: a random 32-bit
 * base for each 2^20 ids. One generator a process. Stays within the 2^53 that a number holds exactly.
 */
import { randomInt } from 'node:crypto';

const IDS_PER_BASE = 2 ** 20;

export class UtteranceIds {
  #base = 0;
  #count = IDS_PER_BASE;

  next(): number {
    if (this.#count === IDS_PER_BASE) {
      this.#base = randomInt(1, 2 ** 32) * IDS_PER_BASE;
      this.#count = 0;
    }
    const id = this.#base + this.#count;
    this.#count += 1;
    return id;
  }
}
