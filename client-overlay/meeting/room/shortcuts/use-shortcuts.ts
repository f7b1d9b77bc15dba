import { useEffect, useEffectEvent } from 'react';
import { usePreferences } from '../../memory/preferences.ts';

/** What single keys do in a meeting; `messages.shortcuts.keys` names them. */
export type ShortcutKey = 'm' | 'v' | 'c' | 'h' | 't' | 'p' | '?';
export type Shortcuts = Readonly<Record<ShortcutKey, () => void>>;

const WHERE_KEYS_ARE_TEXT =
  'input, textarea, select, [contenteditable], [role="dialog"], [role="menu"], [role="listbox"]';

/** Not while writing, in a dialog or a menu, and not at all when the person has turned them off (WCAG 2.1.4). */
export function useShortcuts(shortcuts: Shortcuts): void {
  const { shortcuts: wanted } = usePreferences();
  const handleKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const key = event.key.toLowerCase();
    if (!isShortcut(key, shortcuts)) return;
    // composedPath: the target inside a shadow tree is hidden from `event.target`.
    const target = event.composedPath()[0];
    if (target instanceof Element && target.closest(WHERE_KEYS_ARE_TEXT) !== null) return;
    // Or the key would be written into a field that the action puts the focus in.
    event.preventDefault();
    shortcuts[key]();
  });
  useEffect(() => {
    if (!wanted) return;
    const listener = (event: KeyboardEvent) => handleKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [wanted]);
}

/** For `aria-keyshortcuts`: undefined while single keys are turned off. */
export function useShortcutHint(key: ShortcutKey): string | undefined {
  return usePreferences().shortcuts ? key : undefined;
}

function isShortcut(key: string, shortcuts: Shortcuts): key is ShortcutKey {
  return Object.hasOwn(shortcuts, key);
}
