import { expect, test } from 'vitest';
import { LanguageGuess } from './language-guess.ts';

const last = (guess: LanguageGuess, text: string) =>
  text
    .split(' ')
    .map((word) => guess.hear(word))
    .at(-1);

test('the first telling word decides, and a name in the other language changes nothing', () => {
  const guess = new LanguageGuess('auto');
  expect(last(guess, 'Bonjour à tous,')).toBe('fr');
  expect(last(guess, 'nous avons lu le rapport de the Guardian')).toBe('fr');
  expect(last(guess, 'and now we will go on with the rest of this in English')).toBe('en');
});

test('a language that is given stays', () => {
  expect(last(new LanguageGuess('fr'), 'this is the end of that')).toBe('fr');
});
