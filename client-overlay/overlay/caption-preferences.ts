/** How a person wants captions to look; the only thing the element may keep between visits. */
import { PRESET_NAMES, type PresetName } from './caption-colours.ts';

export interface CaptionPreferences {
  /** Lines shown at most, 1–6. */
  readonly lines: number;
  /** Characters in a line at most, 20–80. */
  readonly lineLength: number;
  /** Text size in per cent, 50–300. */
  readonly size: number;
  /** In per cent, 0–100. */
  readonly backgroundOpacity: number;
  readonly preset: PresetName;
  /** Finished utterances are written to a log for screen readers. */
  readonly announce: boolean;
}

export const DEFAULT_PREFERENCES: CaptionPreferences = Object.freeze({
  lines: 3,
  lineLength: 42,
  size: 100,
  backgroundOpacity: 80,
  preset: 'light-on-dark',
  announce: false,
});

export const PREFERENCE_RANGES = {
  lines: { min: 1, max: 6 },
  lineLength: { min: 20, max: 80 },
  size: { min: 50, max: 300 },
  backgroundOpacity: { min: 0, max: 100 },
} as const;

type NumberKey = keyof typeof PREFERENCE_RANGES;

/** Takes what is usable of `input` (attributes, storage, a page's object), the rest from `base`. */
export function readPreferences(input: unknown, base = DEFAULT_PREFERENCES): CaptionPreferences {
  const given: Record<string, unknown> = typeof input === 'object' && input !== null ? { ...input } : {};
  const number = (key: NumberKey) => {
    const value = given[key];
    const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof parsed !== 'number' || !Number.isFinite(parsed)) return base[key];
    const { min, max } = PREFERENCE_RANGES[key];
    return Math.min(max, Math.max(min, Math.round(parsed)));
  };
  return {
    lines: number('lines'),
    lineLength: number('lineLength'),
    size: number('size'),
    backgroundOpacity: number('backgroundOpacity'),
    preset: PRESET_NAMES.find((name) => name === given.preset) ?? base.preset,
    announce: typeof given.announce === 'boolean' ? given.announce : base.announce,
  };
}

/** Where a page writes them on the element. */
const ATTRIBUTES: Readonly<Record<string, keyof CaptionPreferences>> = {
  lines: 'lines',
  'line-length': 'lineLength',
  size: 'size',
  'background-opacity': 'backgroundOpacity',
  preset: 'preset',
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
