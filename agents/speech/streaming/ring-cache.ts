/** The keys or values of one layer for all slots: the graph reads them, and the columns it returns are written here. */
import { type ElementArray, type ElementType, SlotArray } from './slot-array.ts';
import type { StepRing } from './step-manifest.ts';

export class RingCache {
  readonly spec: StepRing;
  readonly array: SlotArray;
  /** Columns of the ring. */
  readonly size: number;
  /** Runs of neighbouring elements that make up one column, and their length in numbers of the array. */
  readonly #runs: number;
  readonly #runLength: number;

  constructor(spec: StepRing, type: ElementType, slots: number) {
    this.spec = spec;
    this.array = new SlotArray(spec.input, type, spec.shape, slots);
    this.size = spec.shape[spec.columnAxis] ?? 0;
    this.#runs = product(spec.shape.slice(0, spec.columnAxis));
    this.#runLength = product(spec.shape.slice(spec.columnAxis + 1)) * this.array.width;
  }

  /** Numbers that the graph returns for a slot. */
  get newSize(): number {
    return this.#runs * this.spec.columns * this.#runLength;
  }

  /** Writes the new columns of row `row` of the graph's output into a slot, at `position` columns since its start. */
  write(slot: number, position: number, output: ElementArray, row: number): void {
    const { data, rowSize, width } = this.array;
    const length = this.spec.columns * this.#runLength;
    const stride = this.size * this.#runLength;
    let to = slot * rowSize * width + (position % this.size) * this.#runLength;
    let from = row * this.newSize;
    // Element by element, because a view for every run would be thousands of objects a step; four at a time, because
    // this is most of what the loop does beside the graph.
    const whole = length & ~3;
    for (let run = 0; run < this.#runs; run++) {
      let i = 0;
      for (; i < whole; i += 4) {
        data[to + i] = output[from + i] as number;
        data[to + i + 1] = output[from + i + 1] as number;
        data[to + i + 2] = output[from + i + 2] as number;
        data[to + i + 3] = output[from + i + 3] as number;
      }
      for (; i < length; i++) data[to + i] = output[from + i] as number;
      to += stride;
      from += length;
    }
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((size, axis) => size * axis, 1);
}
