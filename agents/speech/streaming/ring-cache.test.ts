/** The columns that a graph returns stand in the ring where an attention over it finds them, for every element type. */
import { expect, test } from 'vitest';
import { RingCache } from './ring-cache.ts';
import type { ElementType } from './slot-array.ts';
import type { StepRing } from './step-manifest.ts';

const HEADS = 2;
const SIZE = 6;
const DEPTH = 5;
const SLOTS = 3;

function ring(columns: number): StepRing {
  return { input: 'k', output: 'k_new', shape: [HEADS, SIZE, DEPTH], columnAxis: 1, columns };
}

/** A number for each element of a stream's column, below what an int8 holds. */
function element(slot: number, column: number, head: number, depth: number): number {
  return (slot * 31 + column * 17 + head * 7 + depth) % 128;
}

test.each<[ElementType, number]>([
  ['float32', 1],
  ['float32', 2],
  ['float16', 3],
  ['int8', 2],
  ['int64', 1],
  ['int64', 2],
])('%s, %i columns a step, round the ring and in rows of another order than the slots', (type, columns) => {
  const cache = new RingCache(ring(columns), type, SLOTS);
  const { width, data } = cache.array;
  const steps = (2 * SIZE) / columns - 1;
  for (let step = 0; step < steps; step++) {
    const output = new (data.constructor as Float32ArrayConstructor)(SLOTS * cache.newSize);
    for (let slot = 0; slot < SLOTS; slot++) {
      const row = SLOTS - 1 - slot;
      for (let head = 0; head < HEADS; head++) {
        for (let i = 0; i < columns * DEPTH; i++) {
          const column = step * columns + Math.floor(i / DEPTH);
          const at = (row * HEADS + head) * columns * DEPTH + i;
          output[at * width] = element(slot, column, head, i % DEPTH);
        }
      }
      cache.write(slot, step * columns, output, row);
    }
  }
  const last = steps * columns;
  for (let slot = 0; slot < SLOTS; slot++) {
    for (let column = last - SIZE; column < last; column++) {
      for (let head = 0; head < HEADS; head++) {
        const at = ((slot * HEADS + head) * SIZE + (column % SIZE)) * DEPTH;
        const found = Array.from({ length: DEPTH }, (_, depth) => data[(at + depth) * width]);
        expect(found).toEqual(found.map((_, depth) => element(slot, column, head, depth)));
      }
    }
  }
});
