import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BrokenLine, breakInto, type Fits } from './line-breaker.ts';

const within =
  (length: number): Fits =>
  (line) =>
    line.length <= length;

/** Breaks the pieces as they come. */
function broken(
  pieces: readonly string[],
  fits: Fits,
  onStep: (lines: readonly string[]) => void = () => {},
) {
  const lines: BrokenLine[] = [];
  let text = '';
  for (const piece of pieces) {
    breakInto(
      lines,
      { text: piece, from: text.length, afterSpace: text.endsWith(' ') },
      fits,
      (line) => line,
    );
    text += piece;
    onStep(lines.map((line) => line.text));
  }
  return { lines, text };
}

describe('breaking as words come', () => {
  test('is greedy', () => {
    const { lines } = broken(['Bonjour', ' à', ' tous', ' et', ' merci'], within(12));
    expect(lines.map((line) => line.text)).toEqual(['Bonjour à', 'tous et', 'merci']);
  });

  test('goes on with a word where it stands, or splits it there', () => {
    const { lines } = broken(['une', ' inter', 'nationale'], within(11));
    expect(lines).toMatchObject([
      { text: 'une inter', split: true },
      { text: 'nationale', split: false },
    ]);
  });

  test('splits a word that is longer than a line, never inside a character', () => {
    const { lines } = broken(['abc😀😀def'], within(4));
    expect(lines.map((line) => line.text)).toEqual(['abc', '😀😀', 'def']);
  });

  test('keeps French punctuation behind a no-break space with its word', () => {
    const { lines } = broken(['Vous venez', ' demain\u00a0?'], within(14));
    expect(lines.map((line) => line.text)).toEqual(['Vous venez', 'demain\u00a0?']);
  });

  test('remembers where each line begins in the source', () => {
    const { lines, text } = broken(['un', ' deux ', ' trois', ' quatre'], within(8));
    for (const line of lines) expect(text.startsWith(line.text.split(' ')[0] ?? '', line.from)).toBe(true);
  });
});

const pieces = fc.array(fc.stringMatching(/^ ?[a-zé]{1,12}$/), { maxLength: 40 });

test('lines only ever grow at their end, never exceed the limit, and hold every word once', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 42 }), (parts, limit) => {
      let before: readonly string[] = [];
      const { lines, text } = broken(parts, within(limit), (after) => {
        for (const [index, line] of before.entries()) {
          expect(after[index]?.startsWith(line)).toBe(true);
          if (index < before.length - 1) expect(after[index]).toBe(line);
        }
        before = after;
      });
      expect(lines.every((line) => line.text.length <= limit)).toBe(true);
      const rejoined = lines.map((line) => line.text + (line.split ? '' : ' ')).join('');
      expect(rejoined.trim()).toBe(text.trim().replaceAll(/ +/g, ' '));
    }),
  );
});
