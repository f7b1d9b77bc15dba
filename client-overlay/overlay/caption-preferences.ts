/** How a person wants captions to look; the only thing the element may keep between visits. */
import { EDGE_NAMES, type EdgeName, PRESET_NAMES, type PresetName } from './caption-colours.ts';

export const FONT_NAMES = ['page', 'sans', 'legible', 'serif', 'mono', 'casual'] as const;
export type FontName = (typeof FONT_NAMES)[number];

/**
 * `overlay`: over the bottom of what the page put the element in; `docked`: in the page's own flow, over nothing;
 * `floating`: where the person has moved it in the window.
 */
export const PLACEMENTS = ['overlay', 'docked', 'floating'] as const;
export type Placement = (typeof PLACEMENTS)[number];

export interface CaptionPreferences {
  /** Lines shown at most, 1–6. */
  readonly lines: number;
  /** Characters in a line at most, 20–80. */
  readonly lineLength: number;
  /** Text size in per cent, 50–300. */
  readonly size: number;
  readonly font: FontName;
  readonly preset: PresetName;
  /** `#rrggbb`; null: the preset's. */
  readonly textColour: string | null;
  readonly backgroundColour: string | null;
  /** In per cent, 25–100. */
  readonly textOpacity: number;
  /** In per cent, 0–100. */
  readonly backgroundOpacity: number;
  readonly edge: EdgeName;
  readonly placement: Placement;
  /** Where floating captions are, in per cent of the room left beside and above them: 0 left or top. */
  readonly x: number;
  readonly y: number;
  /** Of floating captions, in per cent of the window, 20–100. */
  readonly width: number;
  /** Finished utterances are written to a log for screen readers. */
  readonly announce: boolean;
}

export const DEFAULT_PREFERENCES: CaptionPreferences = Object.freeze({
  lines: 3,
  lineLength: 42,
  size: 100,
  font: 'page',
  preset: 'light-on-dark',
  textColour: null,
  backgroundColour: null,
  textOpacity: 100,
  backgroundOpacity: 80,
  edge: 'soft',
  placement: 'overlay',
  x: 50,
  y: 100,
  width: 50,
  announce: false,
});

export const PREFERENCE_RANGES = {
  lines: { min: 1, max: 6 },
  lineLength: { min: 20, max: 80 },
  size: { min: 50, max: 300 },
  textOpacity: { min: 25, max: 100 },
  backgroundOpacity: { min: 0, max: 100 },
  x: { min: 0, max: 100 },
  y: { min: 0, max: 100 },
  width: { min: 20, max: 100 },
} as const;

type NumberKey = keyof typeof PREFERENCE_RANGES;

/** Takes what is usable of `input` (attributes, storage, a file, a page's object), the rest from `base`. */
export function readPreferences(input: unknown, base = DEFAULT_PREFERENCES): CaptionPreferences {
  const given: Record<string, unknown> = typeof input === 'object' && input !== null ? { ...input } : {};
  const number = (key: NumberKey) => {
    const value = given[key];
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof parsed !== 'number' || !Number.isFinite(parsed)) return base[key];
    const { min, max } = PREFERENCE_RANGES[key];
    return Math.min(max, Math.max(min, Math.round(parsed)));
  };
  const oneOf = <T extends string>(names: readonly T[], value: unknown, otherwise: T) =>
    names.find((name) => name === value) ?? otherwise;
  const colour = (key: 'textColour' | 'backgroundColour') => {
    const value = given[key];
    if (value === null) return null;
    return typeof value === 'string' && /^#[\da-f]{6}$/i.test(value) ? value.toLowerCase() : base[key];
  };
  return {
    lines: number('lines'),
    lineLength: number('lineLength'),
    size: number('size'),
    font: oneOf(FONT_NAMES, given.font, base.font),
    preset: oneOf(PRESET_NAMES, given.preset, base.preset),
    textColour: colour('textColour'),
    backgroundColour: colour('backgroundColour'),
    textOpacity: number('textOpacity'),
    backgroundOpacity: number('backgroundOpacity'),
    edge: oneOf(EDGE_NAMES, given.edge, base.edge),
    placement: oneOf(PLACEMENTS, given.placement, base.placement),
    x: number('x'),
    y: number('y'),
    width: number('width'),
    announce: typeof given.announce === 'boolean' ? given.announce : base.announce,
  };
}

/** Where a page writes them on the element. */
const ATTRIBUTES: Readonly<Record<string, keyof CaptionPreferences>> = {
  lines: 'lines',
  'line-length': 'lineLength',
  size: 'size',
  font: 'font',
  preset: 'preset',
  'text-colour': 'textColour',
  'background-colour': 'backgroundColour',
  'text-opacity': 'textOpacity',
  'background-opacity': 'backgroundOpacity',
  edge: 'edge',
  placement: 'placement',
  announce: 'announce',
};
export const PREFERENCE_ATTRIBUTES = Object.keys(ATTRIBUTES);

/** `base` after the page wrote `value` to an attribute; null, when it took it away, brings the default back. */
export function writtenPreference(
  base: CaptionPreferences,
  { attribute, value }: { readonly attribute: string; readonly value: string | null },
): CaptionPreferences {
  const key = ATTRIBUTES[attribute];
  if (key === undefined) return base;
  if (key === 'announce') return { ...base, announce: value !== null };
  return readPreferences({ [key]: value }, { ...base, [key]: DEFAULT_PREFERENCES[key] });
}

const STORAGE_KEY = 'surtitre-captions';

/** Storage may be forbidden (private windows, sandboxed frames): then nothing is kept and nothing fails. */
export function loadPreferences(): unknown {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null');
  } catch {
    return null; // forbidden, or not ours
  }
}

export function savePreferences(preferences: CaptionPreferences): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(preferences));
  } catch {
    // forbidden or full: the preferences hold until the page is left
  }
}

const FILE_FORMAT = 'surtitre-captions-preferences';

/** To take along to another browser. */
export function writePreferencesFile(preferences: CaptionPreferences): string {
  return `${JSON.stringify({ format: FILE_FORMAT, version: 1, preferences }, null, 2)}\n`;
}

/** Null: this is no file of {@link writePreferencesFile}. Single values that are not usable become the default. */
export function readPreferencesFile(text: string): CaptionPreferences | null {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof file !== 'object' || file === null) return null;
  const { format, preferences } = file as { readonly format?: unknown; readonly preferences?: unknown };
  return format === FILE_FORMAT ? readPreferences(preferences) : null;
}
