import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PreRoll } from './pre-roll.ts';

const RATE_HZ = 1_000;
const HELD = 40;

test('holds the newest samples in order, and when the first of them was', () => {
  const frames = fc.array(fc.integer({ min: 0, max: 2 * HELD }), { maxLength: 60 });
  fc.assert(
    fc.property(frames, fc.nat(60), (lengths, clearedAt) => {
      const preRoll = new PreRoll(RATE_HZ, HELD);
      let all: number[] = [];
      let at = 0;
      for (const [index, length] of lengths.entries()) {
        if (index === clearedAt) {
          preRoll.clear();
          all = [];
        }
        const frame = Int16Array.from({ length }, (_, i) => at + i);
        preRoll.push(frame, at);
        at += length;
        all = [...all, ...frame].slice(-HELD);
        expect([...preRoll.samples]).toEqual(all);
        expect(preRoll.startMs).toBe(at - all.length);
      }
    }),
  );
});
