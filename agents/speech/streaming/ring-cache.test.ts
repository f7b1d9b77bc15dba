/** The columns that a graph returns stand in the ring where an attention over it finds them, for every element type. */
import { expect, test } from 'vitest';
import { RingCache } from './ring-cache.ts';
import type { ElementType } from './slot-array.ts';
import type { StepRing } from './step-manifest.ts';

const HEADS = 2;
const SIZE = 6;
const SLOTS = 3;

function ring(columns: number, depth: number): StepRing {
  return { input: 'k', output: 'k_new', shape: [HEADS, SIZE, depth], columnAxis: 1, columns };
}

/** A number for each element of a stream's column, below what an int8 holds. */
function element(slot: number, column: number, head: number, depth: number): number {
  return (slot * 31 + column * 17 + head * 7 + depth) % 128;
}

test.each<[ElementType, number, number]>([
  ['float32', 1, 5],
  ['float32', 2, 5],
  ['float16', 3, 5],
  ['float16', 1, 6],
  ['int8', 2, 5],
  ['int8', 2, 8],
  ['uint8', 3, 4],
  ['int64', 1, 5],
  ['int64', 2, 5],
])(
  '%s, %i columns of %i elements a step, round the ring and in rows of another order than the slots',
  (type, columns, size) => {
    const cache = new RingCache(ring(columns, size), type, SLOTS);
    const { width, data } = cache.array;
    const steps = (2 * SIZE) / columns - 1;
    for (let step = 0; step < steps; step++) {
      const output = new (data.constructor as Float32ArrayConstructor)(SLOTS * cache.newSize * width);
      for (let slot = 0; slot < SLOTS; slot++) {
        const row = SLOTS - 1 - slot;
        for (let head = 0; head < HEADS; head++) {
          for (let i = 0; i < columns * size; i++) {
            const column = step * columns + Math.floor(i / size);
            const at = (row * HEADS + head) * columns * size + i;
            output[at * width] = element(slot, column, head, i % size);
          }
        }
        cache.write(slot, step * columns, cache.columnsOf(output), row);
      }
    }
    const last = steps * columns;
    for (let slot = 0; slot < SLOTS; slot++) {
      for (let column = last - SIZE; column < last; column++) {
        for (let head = 0; head < HEADS; head++) {
          const at = ((slot * HEADS + head) * SIZE + (column % SIZE)) * size;
          const found = Array.from({ length: size }, (_, depth) => data[(at + depth) * width]);
          expect(found).toEqual(found.map((_, depth) => element(slot, column, head, depth)));
        }
      }
    }
  },
);
