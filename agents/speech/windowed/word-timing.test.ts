import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenStarts } from './word-timing.ts';

/** Attention of tokens that look at `spans` of frames, with a little everywhere. */
function attentionOn(spans: readonly (readonly [number, number])[], frames: number): Float32Array[] {
  return spans.map(([from, to]) =>
    Float32Array.from({ length: frames }, (_, t) => (t >= from && t < to ? 0.1 : 0.001)),
  );
}

test('tokens start where their attention does', () => {
  const starts = tokenStarts(
    attentionOn(
      [
        [0, 20],
        [20, 50],
        [50, 90],
        [90, 120],
      ],
      120,
    ),
  );
  for (const [i, expected] of [0, 20, 50, 90].entries()) {
    expect(Math.abs((starts[i] ?? 0) - expected)).toBeLessThanOrEqual(3);
  }
});

test('starts never go back and stay inside the audio', () => {
  const rows = fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 40 }))
    .chain(([tokens, frames]) =>
      fc.array(
        fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: frames, maxLength: frames }),
        { minLength: tokens, maxLength: tokens },
      ),
    );
  fc.assert(
    fc.property(rows, (attention) => {
      const starts = tokenStarts(attention.map((row) => Float32Array.from(row)));
      expect(starts.length).toBe(attention.length);
      for (const [i, start] of starts.entries()) {
        expect(start).toBeGreaterThanOrEqual(starts[i - 1] ?? 0);
        expect(start).toBeLessThan(attention[0]?.length ?? 0);
      }
    }),
  );
});

test('without audio or text there is nothing to time', () => {
  expect(tokenStarts([])).toEqual([]);
  expect(tokenStarts([new Float32Array(0)])).toEqual([0]);
});
