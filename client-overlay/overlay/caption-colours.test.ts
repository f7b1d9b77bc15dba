import { describe, expect, test } from 'vitest';
import {
  chosenColours,
  legibility,
  PRESET_NAMES,
  PRESETS,
  SPEAKER_SHAPES,
  SpeakerCues,
} from './caption-colours.ts';
import { DEFAULT_PREFERENCES } from './caption-preferences.ts';
import { blend, contrastRatio } from './contrast.ts';

const OPACITY = DEFAULT_PREFERENCES.backgroundOpacity / 100;

describe.each(PRESET_NAMES)('the preset %s', (name) => {
  const { text, background, speakers } = PRESETS[name];

  test.each(['#000000', '#808080', '#ffffff'])('is at least 4.5:1 over %s seen through it', (behind) => {
    const seen = blend(background, behind, OPACITY);
    for (const colour of [text, ...speakers]) expect(contrastRatio(colour, seen)).toBeGreaterThanOrEqual(4.5);
  });

  test('has one colour for each shape', () => {
    expect(speakers).toHaveLength(SPEAKER_SHAPES.length);
    expect(new Set(speakers).size).toBe(SPEAKER_SHAPES.length);
  });
});

test('contrast is WCAG’s: black on white is 21', () => {
  expect(contrastRatio('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrastRatio('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

test('speakers keep their cue, and those who follow one another differ', () => {
  const cues = new SpeakerCues();
  const first = Array.from({ length: 8 }, (_, index) => cues.cueOf(`speaker ${index}`));
  expect(new Set(first).size).toBe(8);
  expect(cues.cueOf('speaker 3')).toBe(first[3]);
});

describe('a person’s own colours', () => {
  test.each([
    ['the defaults', {}, 'none'],
    ['grey on grey', { textColour: '#777777', backgroundColour: '#666666' }, 'colours'],
    ['no background at all', { backgroundOpacity: 0 }, 'background'],
    ['no background but an outline', { backgroundOpacity: 0, edge: 'outline' }, 'none'],
    ['text that is hardly there', { textOpacity: 30 }, 'text'],
  ] as const)('%s: %o is judged “%s”', (_name, choice, problem) => {
    expect(legibility({ ...DEFAULT_PREFERENCES, ...choice }).problem).toBe(problem);
  });

  test.each(['#000000', '#333333', '#777777', '#bbbbbb', '#ffffff', '#803000'])(
    'speakers on %s are at least 4.5:1, or have the text’s colour',
    (backgroundColour) => {
      const { text, background, speakers } = chosenColours({ ...DEFAULT_PREFERENCES, backgroundColour });
      expect(background).toBe(backgroundColour);
      const unreadable = speakers.filter((colour) => contrastRatio(colour, background) < 4.5);
      expect(unreadable.every((colour) => colour === text)).toBe(true);
    },
  );
});
