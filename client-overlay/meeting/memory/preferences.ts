/** What a person chose once and expects to find again: in this browser only, never sent anywhere. */
import { useSyncExternalStore } from 'react';
import { isRecord, readStored, writeStored } from './browser-storage.ts';

export interface Preferences {
  /** `null`: follow the browser. */
  readonly language: 'fr' | 'en' | null;
  readonly name: string;
  readonly microphoneOn: boolean;
  readonly cameraOn: boolean;
  /** Device ids; empty: the system's default. */
  readonly microphoneId: string;
  readonly cameraId: string;
  readonly speakerId: string;
  /** Captions are shown from the moment a room is joined, whatever was chosen last. */
  readonly alwaysCaptions: boolean;
  /** Whether captions were shown when the person last had the choice. */
  readonly captionsOn: boolean;
  /** Whether single keys do something in a meeting (WCAG 2.1.4: they can be turned off). */
  readonly shortcuts: boolean;
  /** `system`: as the computer is set. */
  readonly appearance: 'system' | 'light' | 'dark';
}

const STORAGE_KEY = 'surtitre.preferences';

const DEFAULTS: Preferences = {
  language: null,
  name: '',
  microphoneOn: true,
  cameraOn: true,
  microphoneId: '',
  cameraId: '',
  speakerId: '',
  alwaysCaptions: false,
  captionsOn: false,
  shortcuts: true,
  appearance: 'system',
};

function readPreferences(): Preferences {
  const stored = readStored(STORAGE_KEY);
  if (!isRecord(stored)) return DEFAULTS;
  const text = (key: keyof Preferences) => (typeof stored[key] === 'string' ? stored[key] : '');
  const flag = (key: 'microphoneOn' | 'cameraOn' | 'alwaysCaptions' | 'captionsOn' | 'shortcuts') =>
    typeof stored[key] === 'boolean' ? stored[key] : DEFAULTS[key];
  const { language, appearance } = stored;
  return {
    language: language === 'fr' || language === 'en' ? language : null,
    name: text('name').slice(0, 80),
    microphoneOn: flag('microphoneOn'),
    cameraOn: flag('cameraOn'),
    microphoneId: text('microphoneId'),
    cameraId: text('cameraId'),
    speakerId: text('speakerId'),
    alwaysCaptions: flag('alwaysCaptions'),
    captionsOn: flag('captionsOn'),
    shortcuts: flag('shortcuts'),
    appearance: appearance === 'light' || appearance === 'dark' ? appearance : 'system',
  };
}

let current = readPreferences();
const listeners = new Set<() => void>();

export function savePreferences(changed: Partial<Preferences>): void {
  current = { ...current, ...changed };
  writeStored(STORAGE_KEY, current);
  for (const listener of listeners) listener();
}

export function currentPreferences(): Preferences {
  return current;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, currentPreferences);
}
