import { expect, test } from 'vitest';
import { TokenText } from './token-text.ts';
import { UtteranceText } from './utterance-text.ts';

const bytes = new TextEncoder().encode(' été');
const pieces = [' And', ' fell', 'ow', '.', ' ?'].map((word) => new TextEncoder().encode(word));
/** The last two are the halves of a word, cut inside a character. */
const text = new TokenText([...pieces, bytes.slice(0, 2), bytes.slice(2)]);
const [AND, FELL, OW, STOP, MARK, ETE_1, ETE_2] = [0, 1, 2, 3, 4, 5, 6];

test('words carry their space, except the first of the utterance', () => {
  const said = new UtteranceText(text);
  said.setTimes([AND, FELL, OW, STOP], [100, 200, 300, 400, 500]);
  expect(said.say(3, 'en')).toEqual([
    { type: 'text', text: 'And', startMs: 100, endMs: 200, language: 'en' },
    { type: 'text', text: ' fellow', startMs: 200, endMs: 400, language: 'en' },
  ]);
  expect(said.say(1, 'en')).toEqual([{ type: 'text', text: '.', startMs: 400, endMs: 500, language: 'en' }]);
  said.reset();
  said.setTimes([FELL], [600, 700]);
  expect(said.say(1, 'en')).toMatchObject([{ text: 'fell' }]);
});

test('a character that two tokens share comes out whole', () => {
  const said = new UtteranceText(text);
  said.setTimes([ETE_1, ETE_2, MARK], [0, 1, 2, 3]);
  expect(said.say(3, 'fr')).toMatchObject([{ text: 'été' }, { text: ' ?' }]);
});

test('times never go back, not even when a later decoding says otherwise', () => {
  const said = new UtteranceText(text);
  said.setTimes([AND], [1_000, 1_500]);
  said.say(1, 'en');
  said.setTimes([FELL, OW, AND], [900, 1_100, 1_200, 1_300]);
  const events = said.say(3, 'en');
  expect(events).toMatchObject([
    { startMs: 1_500, endMs: 1_500 },
    { startMs: 1_500, endMs: 1_500 },
  ]);
  expect(said.endMs).toBe(1_500);
});
