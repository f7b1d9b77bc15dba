/** The mask of a ring for all slots: which columns the graph may look at. Kept up to date column by column. */
import { SlotArray } from './slot-array.ts';
import type { StepMask, StepRing } from './step-manifest.ts';

/** Added to the attention score of what must not be seen. */
const HIDDEN = -1e9;
const VISIBLE = 0;

interface Row {
  readonly ignoreFirst: number;
  /** Oldest columns of a full ring that stay hidden. */
  readonly oldestHidden: number;
}

export class RingMask {
  readonly ring: StepRing;
  readonly array: SlotArray;
  readonly #size: number;
  readonly #rows: readonly Row[];

  constructor(mask: StepMask, ring: StepRing, slots: number) {
    this.ring = ring;
    const size = ring.shape[ring.columnAxis] ?? 0;
    this.#size = size;
    this.#rows = (mask.rows ?? [{}]).map(({ ignoreFirst = 0, newest = size }) => ({
      ignoreFirst: ignoreFirst * ring.columns,
      oldestHidden: Math.max(0, size - newest),
    }));
    this.array = new SlotArray(mask.input, 'float32', [this.#rows.length, size], slots);
  }

  /** A new stream sees nothing. */
  clear(slot: number): void {
    this.array.fillSlot(slot, HIDDEN);
  }

  /** The columns at `position`, counted since the stream's start, have been written. */
  advance(slot: number, position: number): void {
    const { columns } = this.ring;
    const { data, rowSize } = this.array;
    const at = position % this.#size;
    for (let row = 0; row < this.#rows.length; row++) {
      const { ignoreFirst, oldestHidden } = this.#rows[row] as Row;
      const from = slot * rowSize + row * this.#size;
      data.fill(position < ignoreFirst ? HIDDEN : VISIBLE, from + at, from + at + columns);
      // In a ring of which the oldest columns are hidden, as many fall out of sight as came in, but for those whose
      // places the new ones have taken.
      for (let i = Math.max(0, columns - oldestHidden); i < columns; i++) {
        const oldest = position + i + oldestHidden - this.#size;
        if (oldest >= 0) data[from + (oldest % this.#size)] = HIDDEN;
      }
    }
  }
}
