/**
 * One input of a step graph for all slots: slot s owns elements [s · rowSize, (s + 1) · rowSize). The graph is fed
 * tensors that are views of neighbouring slots, made once for each run of slots that begins at 0.
 */
import { Tensor } from 'onnxruntime-node';

const ELEMENT_TYPES = {
  float32: Float32Array,
  // ONNX Runtime passes half precision as the bits.
  float16: Uint16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
} as const;

export type ElementArray = Float32Array | Uint16Array | Int32Array | Uint8Array | Int8Array;
export type ElementType = keyof typeof ELEMENT_TYPES | 'int64';

export function isElementType(type: string): type is ElementType {
  return type === 'int64' || type in ELEMENT_TYPES;
}

export class SlotArray {
  readonly name: string;
  readonly type: ElementType;
  /** Elements of a slot. */
  readonly rowSize: number;
  /** Numbers in {@link data} for each element: 64-bit integers lie there as two halves, the lower one first. */
  readonly width: number;
  readonly data: ElementArray;
  readonly #shape: readonly number[];
  readonly #wide: BigInt64Array | null;
  readonly #firstSlots: Tensor[] = [];

  constructor(name: string, type: ElementType, shape: readonly number[], slots: number) {
    this.name = name;
    this.type = type;
    this.rowSize = shape.reduce((size, axis) => size * axis, 1);
    this.#shape = shape;
    // BigInts are objects: integers are written as their lower halves, which is enough for what is counted here.
    this.width = type === 'int64' ? 2 : 1;
    this.#wide = type === 'int64' ? new BigInt64Array(slots * this.rowSize) : null;
    this.data =
      type === 'int64' || this.#wide
        ? new Int32Array((this.#wide as BigInt64Array).buffer)
        : new ELEMENT_TYPES[type](slots * this.rowSize);
  }

  get bytesPerSlot(): number {
    return this.rowSize * this.width * this.data.BYTES_PER_ELEMENT;
  }

  /** Slots `first` … `first + count - 1` as the graph sees them. */
  tensor(first: number, count: number): Tensor {
    if (first > 0) return this.#view(first, count);
    const tensor = this.#firstSlots[count] ?? this.#view(0, count);
    this.#firstSlots[count] = tensor;
    return tensor;
  }

  fillSlot(slot: number, value: number): void {
    const size = this.rowSize * this.width;
    this.data.fill(value, slot * size, (slot + 1) * size);
  }

  copySlot(from: number, to: number): void {
    const size = this.rowSize * this.width;
    this.data.copyWithin(to * size, from * size, (from + 1) * size);
  }

  /** Writes element `index` of a slot; integers of 64 bits must not be negative. */
  set(slot: number, index: number, value: number): void {
    this.data[(slot * this.rowSize + index) * this.width] = value;
  }

  #view(first: number, count: number): Tensor {
    const from = first * this.rowSize;
    const to = (first + count) * this.rowSize;
    const data = this.#wide ? this.#wide.subarray(from, to) : this.data.subarray(from, to);
    return new Tensor(this.type as 'float32', data as Float32Array, [count, ...this.#shape]);
  }
}
