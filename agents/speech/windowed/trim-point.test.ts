import { expect, test } from 'vitest';
import { TokenText } from './token-text.ts';
import { trimPoint } from './trim-point.ts';

const text = new TokenText([' one', 'some', '.'].map((word) => new TextEncoder().encode(word)));
const [ONE, SOME, STOP] = [0, 1, 2];

test('cuts before a word that leaves enough of what was said', () => {
  const starts = [0, 50, 100, 150, 200];
  expect(trimPoint([ONE, ONE, ONE, ONE], starts, 50, text)).toEqual({ frame: 147, token: 3 });
  expect(trimPoint([ONE, ONE, ONE, ONE], starts, 80, text)).toEqual({ frame: 97, token: 2 });
});

test('does NOT cut inside a word', () => {
  expect(trimPoint([ONE, ONE, SOME, ONE], [0, 50, 100, 180, 200], 60, text)).toEqual({ frame: 47, token: 1 });
});

test('prefers the beginning of a sentence that is not too far back', () => {
  expect(trimPoint([ONE, STOP, ONE, ONE, ONE], [0, 80, 100, 140, 190, 250], 50, text)).toEqual({
    frame: 97,
    token: 2,
  });
  expect(trimPoint([ONE, STOP, ONE, ONE, ONE], [0, 30, 40, 140, 190, 250], 50, text)).toEqual({
    frame: 187,
    token: 4,
  });
});

test('keeps everything when nothing or only one word was said', () => {
  expect(trimPoint([], [0], 50, text)).toBeNull();
  expect(trimPoint([ONE], [0, 200], 50, text)).toBeNull();
});
