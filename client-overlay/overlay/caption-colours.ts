/**
 * Colours of captions: presets, a person's own, and what tells speakers apart. A speaker always has a shape beside
 * the colour, so that colour is never the only sign. Every pair of a preset is at least 4.5:1, see the test; of a
 * person's own colours {@link legibility} says how well they can be read.
 */
import { blend, contrastRatio, luminance } from './contrast.ts';

export const PRESET_NAMES = ['light-on-dark', 'white-on-black', 'yellow-on-black', 'dark-on-light'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

export interface ColourPreset {
  readonly text: string;
  readonly background: string;
  /** One per cue of {@link SPEAKER_SHAPES}. */
  readonly speakers: readonly string[];
}

const ON_DARK = ['#ffe066', '#7fdbff', '#a6e3a1', '#ffb3c7', '#ffc38a', '#d0bfff', '#8ff0df', '#f2f2f2'];
const ON_LIGHT = ['#6b4e00', '#00508a', '#1b5e20', '#8e1048', '#853200', '#4b2a9b', '#00574d', '#1a1a1a'];

export const PRESETS: Readonly<Record<PresetName, ColourPreset>> = {
  'light-on-dark': { text: '#f5f5f5', background: '#101418', speakers: ON_DARK },
  'white-on-black': { text: '#ffffff', background: '#000000', speakers: ON_DARK },
  'yellow-on-black': { text: '#ffff00', background: '#000000', speakers: ON_DARK },
  'dark-on-light': { text: '#101418', background: '#ffffff', speakers: ON_LIGHT },
};

/** What colours a person wants; null: the preset's. Opacities in per cent. */
export interface ColourChoice {
  readonly preset: PresetName;
  readonly textColour: string | null;
  readonly backgroundColour: string | null;
  readonly textOpacity: number;
  readonly backgroundOpacity: number;
  readonly edge: EdgeName;
}

export const EDGE_NAMES = ['soft', 'none', 'outline', 'shadow', 'raised', 'depressed'] as const;
export type EdgeName = (typeof EDGE_NAMES)[number];

/** WCAG 1.4.3 for text of any size. */
export const LEGIBLE_CONTRAST = 4.5;
/** Between the two all text colours do equally badly. */
const MIDDLE_LUMINANCE = 0.18;

/** The colours that are painted. A speaker's colour that could not be read on this background gives way to the text's. */
export function chosenColours(choice: ColourChoice): ColourPreset {
  const preset = PRESETS[choice.preset];
  const text = choice.textColour ?? preset.text;
  const background = choice.backgroundColour ?? preset.background;
  if (choice.backgroundColour === null) return { ...preset, text };
  const palette = luminance(background) > MIDDLE_LUMINANCE ? ON_LIGHT : ON_DARK;
  const speakers = palette.map((colour) =>
    contrastRatio(colour, background) >= LEGIBLE_CONTRAST ? colour : text,
  );
  return { text, background, speakers };
}

export interface Legibility {
  /** Worst contrast ratio that the captions can have, whatever lies behind them. */
  readonly ratio: number;
  /**
   * `colours`: unreadable even with the background in full; `background`: only because what lies behind shines
   * through; `text`: because the text itself does; `none`: readable.
   */
  readonly problem: 'none' | 'colours' | 'background' | 'text';
}

/** How well captions in these colours can be read over the lightest and over the darkest picture. */
export function legibility(choice: ColourChoice): Legibility {
  const { text, background } = chosenColours(choice);
  const textOpacity = choice.textOpacity / 100;
  // An outline in the background's colour surrounds every letter, whatever is behind the line.
  const opacity = choice.edge === 'outline' ? 1 : choice.backgroundOpacity / 100;
  const worst = (share: number, backing: number) =>
    Math.min(
      ...['#000000', '#ffffff'].map((behind) => {
        const seen = blend(background, behind, backing);
        return contrastRatio(blend(text, seen, share), seen);
      }),
    );
  const ratio = worst(textOpacity, opacity);
  if (ratio >= LEGIBLE_CONTRAST) return { ratio, problem: 'none' };
  if (worst(1, 1) < LEGIBLE_CONTRAST) return { ratio, problem: 'colours' };
  return { ratio, problem: worst(1, opacity) < LEGIBLE_CONTRAST ? 'background' : 'text' };
}

/** Told apart without colour; beside the name at each turn. */
export const SPEAKER_SHAPES = ['●', '▲', '■', '◆', '★', '▼', '✚', '⬟'] as const;

/** More people than this in one sitting and the first ones are given out again. */
const MAX_SPEAKERS = 1_000;

/** Gives every identity a cue in order of first appearance, so that neighbours in a talk differ. */
export class SpeakerCues {
  readonly #given = new Map<string, number>();

  cueOf(identity: string): number {
    const known = this.#given.get(identity);
    if (known !== undefined) return known;
    if (this.#given.size >= MAX_SPEAKERS) this.#given.clear();
    const cue = this.#given.size % SPEAKER_SHAPES.length;
    this.#given.set(identity, cue);
    return cue;
  }
}
