/**
 * Where a node stands in a room's log, and what to do with what arrives. Publish and subscribe deliver at most
 * once, and a node reads the stream beside it: entries come twice, late, or not at all. Pure.
 */
import type { Envelope } from './envelope.ts';

export type Arrival =
  /** The next one: apply it. */
  | 'next'
  /** Applied already. */
  | 'known'
  /** Something before it is missing, or the log is another one: read the stream. */
  | 'astray'
  | 'erased';

export class LogCursor {
  #epoch = 0;
  #offset = 0;
  #tag = 0;

  /** 0 before anything is known of the room. */
  get epoch(): number {
    return this.#epoch;
  }

  get offset(): number {
    return this.#offset;
  }

  get tag(): number {
    return this.#tag;
  }

  /** Says what the arrival is, and moves on when it is the next one. */
  take(envelope: Envelope): Arrival {
    // Its epoch is the one after: whoever is there already never had what was erased.
    if (envelope.kind === 'erased') return envelope.epoch === this.#epoch ? 'known' : 'erased';
    if (envelope.epoch !== this.#epoch) return 'astray';
    if (envelope.offset < this.#offset) return 'known';
    if (envelope.offset === this.#offset) return envelope.tag === this.#tag ? 'known' : 'astray';
    if (envelope.kind === 'renewed' || envelope.offset > this.#offset + 1) return 'astray';
    if (envelope.previousTag !== this.#tag) return 'astray';
    this.moveTo(envelope);
    return 'next';
  }

  moveTo({ epoch, offset, tag }: Pick<Envelope, 'epoch' | 'offset' | 'tag'>): void {
    this.#epoch = epoch;
    this.#offset = offset;
    this.#tag = tag;
  }

  reset(): void {
    this.moveTo({ epoch: 0, offset: 0, tag: 0 });
  }
}
