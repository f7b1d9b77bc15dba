/**
 * Leases of numbered slots. A slot is used again and again; each lease has a generation of its own, so that what
 * was computed for an earlier holder never reaches a later one.
 */
export interface SlotLease {
  readonly slot: number;
  readonly generation: number;
}

interface Holder<T> {
  readonly generation: number;
  readonly owner: T;
}

export class BatchSlots<T> {
  readonly capacity: number;
  readonly #holders: (Holder<T> | null)[] = [];
  readonly #free: number[] = [];
  #generation = 0;
  #held = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#held;
  }

  /** A lease for a new owner, or null when all slots are held. */
  acquire(owner: T): SlotLease | null {
    const slot = this.#free.pop() ?? this.#holders.length;
    if (slot >= this.capacity) return null;
    this.#generation += 1;
    this.#holders[slot] = { generation: this.#generation, owner };
    this.#held += 1;
    return { slot, generation: this.#generation };
  }

  /** Who holds this very lease now, or null if it has been released. */
  ownerOf({ slot, generation }: SlotLease): T | null {
    const holder = this.#holders[slot];
    return holder?.generation === generation ? holder.owner : null;
  }

  /** Gives the slot back; a lease that is not current is ignored. */
  release(lease: SlotLease): void {
    if (this.ownerOf(lease) === null) return;
    this.#holders[lease.slot] = null;
    this.#free.push(lease.slot);
    this.#held -= 1;
  }
}
