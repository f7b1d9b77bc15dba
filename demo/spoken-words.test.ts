import { expect, test } from 'vitest';
import type { CaptionEvent, Speaker, UtteranceOpened } from '../protocol/caption-event.ts';
import { SpokenWords } from './spoken-words.ts';

const ann: Speaker = { identity: 'p-ann', name: 'Ann', trackSid: 'TR_a' };

const opened: UtteranceOpened = {
  type: 'opened',
  utterance: 1,
  speaker: ann,
  language: 'en',
  source: 'machine',
  startMs: 1_000,
};

function appended(offset: number, text: string, startMs = 1_000, endMs = 1_200): CaptionEvent {
  return { type: 'appended', utterance: 1, offset, text, startMs, endMs };
}

function restored(text: string, endMs: number | null, wordTimes: number[]): CaptionEvent {
  return { ...opened, type: 'restored', endMs, text, wordTimes, revision: 0 };
}

const textOf = (words: SpokenWords) => words.of('p-ann')?.words.map(({ text }) => text);

test('pieces without a space belong to the last word, which is shown when its last piece is', () => {
  const words = new SpokenWords();
  words.apply([opened, appended(0, 'New')], null, 2_000);
  expect(words.apply([appended(3, ' Jer'), appended(7, 'sey', 1_200, 1_500)], null, 2_500)).toEqual([
    { identity: 'p-ann', name: 'Ann', text: 'Jer', continues: false },
    { identity: 'p-ann', name: 'Ann', text: 'sey', continues: true },
  ]);
  expect(words.of('p-ann')?.words[1]).toMatchObject({
    text: 'Jersey',
    startMs: 1_000,
    endMs: 1_500,
    shownMs: 2_500,
  });
});

test('what is repeated after a reconnect changes nothing', () => {
  const words = new SpokenWords();
  words.apply([opened, appended(0, 'one'), appended(3, ' two')], null, 2_000);
  expect(words.apply([opened, appended(0, 'one'), appended(3, ' two')], null, 3_000)).toEqual([]);
  expect(words.apply([restored('one two', null, [0, 200, 200, 400])], null, 3_000)).toEqual([]);
  expect(textOf(words)).toEqual(['one', 'two']);
  expect(words.contradictions).toBe(0);
});

test('a welcome brings what was missed, also the rest of a word', () => {
  const words = new SpokenWords();
  words.apply([opened, appended(0, 'one'), appended(3, ' tw')], null, 2_000);
  words.apply([restored('one two three', 1_700, [0, 200, 200, 400, 400, 700])], null, 3_000);
  expect(textOf(words)).toEqual(['one', 'two', 'three']);
  expect(words.of('p-ann')?.words[2]).toMatchObject({ startMs: 1_400, endMs: 1_700, shownMs: 3_000 });
  expect(words.hasOpenUtterances).toBe(false);
});

test('shown text that would change is counted', () => {
  const words = new SpokenWords();
  words.apply([opened, appended(0, 'one')], null, 2_000);
  words.apply([restored('two', null, [0, 200])], null, 3_000);
  words.apply([{ type: 'closed', utterance: 1, length: 99, endMs: 2_000 }], null, 3_000);
  expect(words.contradictions).toBe(2);
});

test('a gap counts once, however often it is told', () => {
  const words = new SpokenWords();
  const gap: CaptionEvent = { type: 'gap', identity: null, fromMs: 1, toMs: 2, reason: 'agent-lost' };
  words.apply([gap], null, 1);
  words.apply([gap], null, 2);
  expect(words.gaps).toHaveLength(1);
});
