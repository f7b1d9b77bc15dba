import { expect, test } from 'vitest';
import { SpokenLanguage } from './spoken-language.ts';
import type { StepText } from './step-manifest.ts';
import { createTokenRule } from './token-rule.ts';

const WAIT = 9;
const HEARD_ENGLISH = 101;
const text: StepText = {
  rule: 'token-or-wait',
  output: 'next',
  delaySteps: 2,
  feedback: { input: 'token', first: 1 },
  wait: WAIT,
  prompt: { fr: [100, 7, 8], en: [HEARD_ENGLISH, 7, 8] },
  languageSteps: 4,
};

/** What is fed back after each answer of the graph, and what was said. */
function follow(language: 'fr' | 'en' | null, answers: readonly number[]) {
  const rule = createTokenRule(text);
  rule.restart(language);
  const said: number[] = [];
  const fed = answers.map((answer, step) =>
    rule.read(Int32Array.of(answer), 0, 1, step < text.delaySteps ? null : (token) => said.push(token)),
  );
  return { fed, said, language: rule.language };
}

test('a language that is told is prompted at once, whatever the graph answers', () => {
  expect(follow('fr', [101, 101, 101, 5, WAIT, 6])).toEqual({
    fed: [100, 7, 8, 5, null, 6],
    said: [5, 6],
    language: 'fr',
  });
});

test('a language that is not known is waited for, heard, and prompted; nothing is said before', () => {
  expect(follow(null, [100, 100, 100, HEARD_ENGLISH, 3, 3, 5])).toEqual({
    fed: [null, null, null, 101, 7, 8, 5],
    said: [5],
    language: 'en',
  });
  expect(follow(null, [101, 101, 101, 100, 3, 3, 5]).language).toBe('fr');
  expect(follow(null, [101, 101, 101]).language).toBe(null);
});

test('a token is said four times in a row at most, then waits until there is another', () => {
  expect(follow('fr', [0, 0, 0, 5, 5, WAIT, 5, 5, 5, 5, 6, 5, 5])).toEqual({
    fed: [100, 7, 8, 5, 5, null, 5, 5, null, null, 6, 5, 5],
    said: [5, 5, 5, 5, 6, 5, 5],
    language: 'fr',
  });
});

test('what a speaker speaks is known when it was told, heard by the model, or plain from the words', () => {
  expect(new SpokenLanguage('en', ['fr', 'en'])).toMatchObject({ current: 'en', isKnown: true });
  expect(new SpokenLanguage('auto', ['en'])).toMatchObject({ current: 'en', isKnown: true });

  const heard = new SpokenLanguage('auto', ['fr', 'en']);
  expect(heard).toMatchObject({ current: 'fr', isKnown: false });
  heard.handleHeard('en');
  expect(heard).toMatchObject({ current: 'en', isKnown: true });
  heard.hear('Oui, je ne sais pas.');
  expect(heard.current).toBe('fr');

  const guessed = new SpokenLanguage('auto', ['fr', 'en']);
  guessed.hear('Hmm.');
  expect(guessed.isKnown).toBe(false);
  guessed.hear('That is what I said.');
  expect(guessed).toMatchObject({ current: 'en', isKnown: true });

  const fixed = new SpokenLanguage('fr', ['fr', 'en']);
  fixed.handleHeard('en');
  expect(fixed.current).toBe('fr');
});
