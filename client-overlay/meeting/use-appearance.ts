import { useEffect } from 'react';
import { usePreferences } from './memory/preferences.ts';

/** Light or dark, as the person chose; the style sheets follow the system where nothing was chosen. */
export function useAppearance(): void {
  const { appearance } = usePreferences();
  useEffect(() => {
    document.documentElement.dataset.appearance = appearance;
  }, [appearance]);
}
