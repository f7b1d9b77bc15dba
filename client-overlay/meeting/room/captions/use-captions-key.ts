import { useEffect, useEffectEvent } from 'react';
import { usePreferences } from '../../memory/preferences.ts';

/** The single key `c` toggles captions, except while writing, in a dialog, or when it is turned off. */
export function useCaptionsKey(onToggle: () => void): void {
  const { captionsKey } = usePreferences();
  const handleKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== 'c' && event.key !== 'C') return;
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // composedPath: the target inside a shadow tree is hidden from `event.target`.
    const target = event.composedPath()[0];
    if (
      target instanceof Element &&
      target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]') !== null
    ) {
      return;
    }
    onToggle();
  });
  useEffect(() => {
    if (!captionsKey) return;
    const listener = (event: KeyboardEvent) => handleKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [captionsKey]);
}
