import { expect, test } from 'vitest';
import { DraftCursor } from './draft-cursor.ts';

const draft = [1, 2, 3, 4, 5, 6, 7, 8, 9];

function guessAfter(...said: number[]): readonly number[] {
  const cursor = new DraftCursor(draft);
  for (const token of said) cursor.follow(token);
  return cursor.guess();
}

test('goes on behind a token that was said otherwise, or left out', () => {
  expect(guessAfter(1, 2, 99)).toEqual([4, 5, 6, 7, 8, 9]);
  expect(guessAfter(1, 2, 4)).toEqual([5, 6, 7, 8, 9]);
});

test('stops guessing when the two have nothing in common, until they meet again', () => {
  expect(guessAfter(91, 92)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  expect(guessAfter(91, 92, 93)).toEqual([]);
  expect(guessAfter(91, 92, 93, 5)).toEqual([6, 7, 8, 9]);
});

test('there is nothing to guess without a draft or after its end', () => {
  expect(new DraftCursor([]).guess()).toEqual([]);
  expect(guessAfter(...draft)).toEqual([]);
});
