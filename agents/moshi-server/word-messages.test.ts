import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FromMoshi } from '../speech/moshi/moshi-message.ts';
import type { SpeechEvent } from '../speech/speech-engine.ts';
import { WordMessages } from './word-messages.ts';

let sent: FromMoshi[] = [];
let words: WordMessages;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  words = new WordMessages(1_000, (message) => sent.push(message));
});
afterEach(() => {
  words.close();
  vi.useRealTimers();
});

const piece = (text: string, startMs: number, endMs: number): SpeechEvent => ({
  type: 'text',
  text,
  startMs,
  endMs,
  language: 'fr',
});
const texts = () => sent.flatMap((message) => (message.type === 'Word' ? [message.text] : []));

test('pieces become one word with the time of the first and the end of the last', () => {
  words.add([piece(' bon', 1_500, 1_580)]);
  words.add([piece('jour', 1_580, 1_740), piece(' à', 1_900, 1_980)]);
  expect(sent).toEqual([
    { type: 'Word', text: 'bonjour', startTime: 0.5 },
    { type: 'EndWord', stopTime: 0.74 },
  ]);
});

test('the last word waits for no next one', () => {
  words.add([piece(' fin', 2_000, 2_200)]);
  expect(texts()).toEqual([]);
  vi.advanceTimersByTime(240);
  expect(texts()).toEqual(['fin']);
});

test('the end of an utterance completes its last word, and the next may begin without a space', () => {
  words.add([piece('un', 2_000, 2_200), { type: 'end', endMs: 2_200 }, piece('deux', 3_000, 3_100)]);
  words.flush();
  expect(texts()).toEqual(['un', 'deux']);
});

test('a comma belongs to its word, and is no word when that is gone', () => {
  words.add([piece(' oui', 2_000, 2_200), piece(',', 2_200, 2_200)]);
  vi.advanceTimersByTime(240);
  words.add([piece('.', 2_300, 2_300)]);
  vi.advanceTimersByTime(240);
  expect(texts()).toEqual(['oui,']);
});
