import { expect, test } from 'vitest';
import {
  DEFAULT_PREFERENCES,
  readPreferences,
  readPreferencesFile,
  writePreferencesFile,
  writtenPreference,
} from './caption-preferences.ts';

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

test('what a page writes to one attribute leaves the rest, and taking it away brings the default back', () => {
  const base = readPreferences({ lines: 2, size: 150, announce: true });
  const larger = writtenPreference(base, { attribute: 'size', value: '200' });
  expect(larger).toEqual({ ...base, size: 200 });
  expect(writtenPreference(larger, { attribute: 'size', value: null })).toEqual({ ...base, size: 100 });
  expect(writtenPreference(base, { attribute: 'announce', value: null }).announce).toBe(false);
  expect(writtenPreference(base, { attribute: 'background-opacity', value: '0' }).backgroundOpacity).toBe(0);
});

test('colours are #rrggbb or the preset’s', () => {
  const base = readPreferences({ textColour: '#ABCDEF', backgroundColour: 'red' });
  expect([base.textColour, base.backgroundColour]).toEqual(['#abcdef', null]);
  expect(readPreferences({ textColour: null }, base).textColour).toBeNull();
  expect(writtenPreference(base, { attribute: 'text-colour', value: null }).textColour).toBeNull();
});

test('a preferences file brings back what was written; anything else is none', () => {
  const preferences = readPreferences({ size: 200, font: 'serif', placement: 'floating', x: 12 });
  expect(readPreferencesFile(writePreferencesFile(preferences))).toEqual(preferences);
  for (const text of ['', 'null', '[]', '{"size":200}', '{"format":"other","preferences":{}}']) {
    expect(readPreferencesFile(text)).toBeNull();
  }
});
