/** Self-attention keys and values of the tokens decoded so far, for one batch, growing in place. */
import { MASKED, type TokenCache } from './whisper-model.ts';

export interface CacheShape {
  readonly rows: number;
  /** layers × heads */
  readonly lanes: number;
  readonly headDim: number;
}

/** Capacity grows by this many tokens at a time: growing means copying. */
const GROWTH = 24;

export class GrowingTokenCache implements TokenCache {
  readonly #shape: CacheShape;
  readonly #lengths: Int32Array;
  capacity = 0;
  keys = new Float32Array(0);
  values = new Float32Array(0);
  bias = new Float32Array(0);

  constructor(shape: CacheShape) {
    this.#shape = shape;
    this.#lengths = new Int32Array(shape.rows);
  }

  /** Tokens that a row holds: the position of its next one. */
  lengthOf(row: number): number {
    return this.#lengths[row] ?? 0;
  }

  /** Makes room for `count` more tokens in every row. Call before a batch of {@link append}. */
  reserve(count: number): void {
    const needed = Math.max(...this.#lengths) + count;
    if (needed <= this.capacity) return;
    const capacity = needed + GROWTH;
    this.keys = this.#widened(this.keys, capacity);
    this.values = this.#widened(this.values, capacity);
    const bias = new Float32Array(this.#shape.rows * capacity).fill(MASKED);
    for (const [row, length] of this.#lengths.entries()) {
      bias.fill(0, row * capacity, row * capacity + length);
    }
    this.bias = bias;
    this.capacity = capacity;
  }

  /** Keeps the first `count` of the `width` columns [rows, lanes, width, dim] that a pass produced for a row. */
  append(row: number, newKeys: Float32Array, newValues: Float32Array, width: number, count: number): void {
    const { lanes, headDim } = this.#shape;
    const length = this.lengthOf(row);
    for (let lane = row * lanes; lane < (row + 1) * lanes; lane++) {
      const from = lane * width * headDim;
      const to = (lane * this.capacity + length) * headDim;
      this.keys.set(newKeys.subarray(from, from + count * headDim), to);
      this.values.set(newValues.subarray(from, from + count * headDim), to);
    }
    this.bias.fill(0, row * this.capacity + length, row * this.capacity + length + count);
    this.#lengths[row] = length + count;
  }

  #widened(old: Float32Array<ArrayBuffer>, capacity: number): Float32Array<ArrayBuffer> {
    const { rows, lanes, headDim } = this.#shape;
    const wide = new Float32Array(rows * lanes * capacity * headDim);
    const used = this.capacity * headDim;
    for (let lane = 0; used > 0 && lane < rows * lanes; lane++) {
      wide.set(old.subarray(lane * used, (lane + 1) * used), lane * capacity * headDim);
    }
    return wide;
  }
}
