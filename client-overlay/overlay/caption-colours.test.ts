import { describe, expect, test } from 'vitest';
import { PRESET_NAMES, PRESETS, SPEAKER_SHAPES, SpeakerCues } from './caption-colours.ts';
import { DEFAULT_PREFERENCES } from './caption-preferences.ts';

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

/** WCAG contrast ratio of two `#rrggbb` colours, 1–21. */
function contrastRatio(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** `over` seen through with `opacity` (0–1) on top of `under`. */
function blend(over: string, under: string, opacity: number): string {
  const below = channels(under);
  return `#${channels(over)
    .map((value, index) => Math.round(value * opacity + (below[index] ?? 0) * (1 - opacity)))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
