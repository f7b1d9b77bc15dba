import { expect, test } from 'vitest';
import { DEFAULT_PREFERENCES, readPreferences } from './caption-preferences.ts';

test('takes what is usable and leaves the rest', () => {
  expect(
    readPreferences({ lines: '5', size: 1_000, preset: 'pink', announce: 'yes', backgroundOpacity: '' }),
  ).toEqual({
    ...DEFAULT_PREFERENCES,
    lines: 5,
    size: 300,
  });
});

test.each([null, undefined, 7, 'text', []])('%j brings the defaults', (input) => {
  expect(readPreferences(input)).toEqual(DEFAULT_PREFERENCES);
});

test('partial input keeps the base', () => {
  const base = readPreferences({ lines: 2, announce: true });
  expect(readPreferences({ preset: 'yellow-on-black' }, base)).toEqual({
    ...base,
    preset: 'yellow-on-black',
  });
});
