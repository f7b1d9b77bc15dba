import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SaidWords } from './said-words.ts';

function said(...words: readonly (readonly [string, number])[]): SaidWords {
  const memory = new SaidWords();
  for (const [text, startMs] of words) memory.accept(text, startMs);
  return memory;
}

test('words heard again are not new, those after them are', () => {
  const memory = said(['so', 0], ['my', 300], ['fellow', 500]);
  memory.beginAgain();
  expect(
    ['y', 'Fellow,', 'Americans'].map((text, i) => memory.accept(text, [310, 560, 900][i] ?? 0)),
  ).toEqual([false, false, true]);
});

test('a word that is said twice is heard twice', () => {
  const memory = said(['very', 0], ['very', 300]);
  memory.beginAgain();
  expect(memory.accept('very', 320)).toBe(false);
  expect(memory.accept('very', 700)).toBe(true);
});

test('without a break nothing is held back, whatever the times', () => {
  const memory = said(['one', 1_000]);
  expect(memory.accept('one', 1_000)).toBe(true);
});

test('whatever part is heard again, with times a little off, each word is said once', () => {
  const words = fc.array(fc.constantFrom('le', 'la', 'chat', 'dort'), { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(words, fc.nat(), fc.nat(), fc.integer({ min: -80, max: 80 }), (texts, lost, again, offMs) => {
      const memory = new SaidWords();
      const cut = 1 + (lost % texts.length);
      const from = Math.max(0, cut - 1 - (again % 5));
      const out: string[] = [];
      const hear = (index: number, shiftMs: number) => {
        const text = texts[index] ?? '';
        if (memory.accept(text, index * 400 + shiftMs)) out.push(text);
      };
      for (let i = 0; i < cut; i++) hear(i, 0);
      memory.beginAgain();
      for (let i = from; i < texts.length; i++) hear(i, offMs);
      expect(out).toEqual(texts);
    }),
  );
});
