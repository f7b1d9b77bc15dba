import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenText } from './token-text.ts';
import { agreedTokens, committableTokens } from './word-agreement.ts';

const WORDS = [' the', ' fell', 'ow', ' citizens', ',', '.', " l'", 'école', ' ?', '-', ' The'];
const text = new TokenText(WORDS.map((word) => new TextEncoder().encode(word)));
const [THE, FELL, OW, CITIZENS, COMMA, STOP, L, ECOLE, THE_CAPITAL] = [0, 1, 2, 3, 4, 5, 6, 7, 10];

/** Tokens half a second (25 frames) apart, heard in a window of 400 frames. */
function commit(tokens: number[], agreed: number, windowFrames = 400, logprob = 0): number {
  const starts = [...tokens.map((_, i) => i * 25), tokens.length * 25];
  const logprobs = tokens.map(() => logprob);
  const rule = { windowFrames, holdBackFrames: 12, doubtFrames: 50 };
  return committableTokens({ tokens, agreed, starts, logprobs }, rule, text);
}

test('agreed whole words are said', () => {
  expect(commit([THE, FELL, OW, CITIZENS], 3)).toBe(3);
});

test('half a word waits for its end', () => {
  expect(commit([THE, FELL, OW, CITIZENS], 2)).toBe(1);
  expect(commit([THE, FELL], 2)).toBe(2);
  expect(commit([L, ECOLE, THE], 1)).toBe(0);
  expect(commit([L, ECOLE, THE], 2)).toBe(2);
});

test('a word is whole when punctuation follows, which itself waits for what comes after', () => {
  expect(commit([CITIZENS, STOP], 2)).toBe(1);
  expect(commit([CITIZENS, COMMA, THE], 2)).toBe(2);
});

test('words that end close to the end of the audio wait', () => {
  expect(commit([THE, CITIZENS, THE, CITIZENS], 4, 100)).toBe(3);
  expect(commit([THE, CITIZENS, THE, CITIZENS], 4, 86)).toBe(2);
});

test('guesses wait for more of what follows', () => {
  expect(commit([THE, CITIZENS, THE, CITIZENS], 4, 120, -0.2)).toBe(4);
  expect(commit([THE, CITIZENS, THE, CITIZENS], 4, 120, -3)).toBe(2);
  expect(commit([THE, CITIZENS, THE, CITIZENS], 4, 200, -3)).toBe(4);
});

test('words agree whatever their case and punctuation, and only from the beginning on', () => {
  expect(agreedTokens([THE, FELL, OW], [THE, FELL, OW, CITIZENS], text)).toBe(3);
  expect(agreedTokens([THE, FELL, OW, STOP], [THE_CAPITAL, FELL, OW, COMMA, CITIZENS], text)).toBe(4);
  expect(agreedTokens([THE, FELL], [THE, FELL, OW], text)).toBe(1);
  expect(agreedTokens([CITIZENS, THE], [THE, CITIZENS], text)).toBe(0);
  expect(agreedTokens([], [THE], text)).toBe(0);
});

test('never more than was agreed on, never a part of a word, never less with more agreement', () => {
  const tokens = fc.array(fc.nat(WORDS.length - 1), { maxLength: 12 });
  fc.assert(
    fc.property(tokens, fc.nat(12), (hypothesis, most) => {
      const agreed = Math.min(most, hypothesis.length);
      const count = commit(hypothesis, agreed);
      expect(count).toBeLessThanOrEqual(agreed);
      const next = hypothesis[count];
      if (count > 0 && next !== undefined) {
        expect(text.beginsWord(next) || text.isPunctuation(next)).toBe(true);
      }
      if (agreed < hypothesis.length) expect(commit(hypothesis, agreed + 1)).toBeGreaterThanOrEqual(count);
    }),
  );
});
