import fc from 'fast-check';
import { expect, test } from 'vitest';
import { repetitionStart } from './repetition.ts';

test('a phrase said over and over is found, and one utterance of it kept', () => {
  const tokens = [9, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4];
  expect(repetitionStart(tokens)).toBe(5);
});

test('"no no no" is what people say', () => {
  expect(repetitionStart([5, 7, 7, 7])).toBeNull();
  expect(repetitionStart([1, 2, 1, 2, 1, 2])).toBeNull();
});

test('tokens without a repeated neighbour phrase are never cut', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1000)), (tokens) => {
      expect(repetitionStart(tokens)).toBeNull();
    }),
  );
});

test('any phrase repeated without end is stopped before its fifth time is over', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 12 }), (phrase) => {
      const tokens: number[] = [];
      while (repetitionStart(tokens) === null && tokens.length < 200) {
        tokens.push(phrase[tokens.length % phrase.length] ?? 0);
      }
      expect(tokens.length).toBeLessThanOrEqual(phrase.length * 5);
      expect(repetitionStart(tokens)).toBe(phrase.length);
    }),
  );
});
