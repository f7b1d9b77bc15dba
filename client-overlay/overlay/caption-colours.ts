/**
 * Colours of captions: presets, and what tells speakers apart. A speaker always has a shape beside the colour,
 * so that colour is never the only sign. Every pair is at least 4.5:1, see the test.
 */

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
