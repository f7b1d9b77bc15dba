import { expect, test } from 'vitest';
import { readOptions } from './demo-options.ts';

test('files and options', () => {
  expect(readOptions(['a.wav', '--json', '--lang', 'fr', 'b.mp3', '--max-seconds', '30'])).toEqual({
    files: ['a.wav', 'b.mp3'],
    json: true,
    language: 'fr',
    url: null,
    maxSeconds: 30,
    verbose: false,
  });
  expect(readOptions(['--help'])).toBeNull();
});

test.each([
  [[], /Name at least one sound file/],
  [['a.wav', '--lang', 'de'], /--lang must be fr, en or auto/],
  [['a.wav', '--max-seconds', '0'], /--max-seconds must be a number/],
  [['a.wav', '--jsn'], /jsn.*--help tells how/s],
  [Array.from({ length: 21 }, () => 'a.wav'), /At most 20 files/],
])('%j is refused with a sentence', (args, sentence) => {
  expect(() => readOptions(args)).toThrow(sentence);
});
