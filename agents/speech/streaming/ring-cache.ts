/** The keys or values of one layer for all slots: the graph reads them, and the columns it returns are written here. */
import { type ElementArray, type ElementType, SlotArray } from './slot-array.ts';
import type { StepRing } from './step-manifest.ts';

export class RingCache {
  readonly spec: StepRing;
  readonly array: SlotArray;
  /** Columns of the ring. */
  readonly size: number;
  /** Runs of neighbouring elements that make up one column, and their length in numbers of {@link #data}. */
  readonly #runs: number;
  readonly #runLength: number;
  readonly #slotLength: number;
  /** The slots as they are written: where rows of bytes allow it, four at a time. */
  readonly #data: ElementArray;

  constructor(spec: StepRing, type: ElementType, slots: number) {
    this.spec = spec;
    this.array = new SlotArray(spec.input, type, spec.shape, slots);
    this.size = spec.shape[spec.columnAxis] ?? 0;
    this.#runs = product(spec.shape.slice(0, spec.columnAxis));
    const { data, rowSize, width } = this.array;
    const runBytes = product(spec.shape.slice(spec.columnAxis + 1)) * width * data.BYTES_PER_ELEMENT;
    this.#data = runBytes % WORD === 0 ? wordsOf(data) : data;
    this.#runLength = runBytes / this.#data.BYTES_PER_ELEMENT;
    this.#slotLength = (rowSize * width * data.BYTES_PER_ELEMENT) / this.#data.BYTES_PER_ELEMENT;
  }

  /** Elements that the graph returns for a slot. */
  get newSize(): number {
    return (this.array.rowSize / this.size) * this.spec.columns;
  }

  /** The graph's output as {@link write} takes it; once a run. */
  columnsOf(output: ElementArray): ElementArray {
    return output.BYTES_PER_ELEMENT === this.#data.BYTES_PER_ELEMENT ? output : wordsOf(output);
  }

  /** Writes the new columns of row `row` of the graph's output into a slot, at `position` columns since its start. */
  write(slot: number, position: number, columns: ElementArray, row: number): void {
    const data = this.#data;
    const length = this.spec.columns * this.#runLength;
    const stride = this.size * this.#runLength;
    let to = slot * this.#slotLength + (position % this.size) * this.#runLength;
    let from = row * this.#runs * length;
    // Element by element, because a view for every run would be thousands of objects a step; four at a time, because
    // this is most of what the loop does beside the graph.
    const whole = length & ~3;
    for (let run = 0; run < this.#runs; run++) {
      let i = 0;
      for (; i < whole; i += 4) {
        data[to + i] = columns[from + i] as number;
        data[to + i + 1] = columns[from + i + 1] as number;
        data[to + i + 2] = columns[from + i + 2] as number;
        data[to + i + 3] = columns[from + i + 3] as number;
      }
      for (; i < length; i++) data[to + i] = columns[from + i] as number;
      to += stride;
      from += length;
    }
  }
}

/** Bytes of a number that is copied at once. */
const WORD = 4;

/** The same memory in words; a view of memory that does not begin at one is copied. */
function wordsOf(values: ElementArray): ElementArray {
  if (values.BYTES_PER_ELEMENT === WORD) return values;
  const { buffer, byteOffset, byteLength } = values.byteOffset % WORD === 0 ? values : values.slice();
  return new Int32Array(buffer, byteOffset, byteLength / WORD);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((size, axis) => size * axis, 1);
}
