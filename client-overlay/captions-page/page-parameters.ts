/** What the address of the captions page asks for: after `#`, so that no server and no log ever sees a token. */
import { PREFERENCE_ATTRIBUTES } from '../overlay/caption-preferences.ts';

export interface PageParameters {
  /** `room`: access is fetched here. `stream`: given. `none`: the address names neither. */
  readonly source:
    | { readonly kind: 'room'; readonly room: string; readonly name: string }
    | { readonly kind: 'stream'; readonly src: string; readonly token: string }
    | { readonly kind: 'none' };
  /** A CSS colour behind everything; null: transparent. */
  readonly behind: string | null;
  /** As attributes of the element. */
  readonly attributes: Readonly<Record<string, string>>;
}

const PASSED_ON = ['lang', 'controls', ...PREFERENCE_ATTRIBUTES];

export function readPageParameters(fragment: string): PageParameters {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const attributes: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = given.get(name);
    if (value !== null) attributes[name] = value;
  }
  return { source: sourceIn(given), behind: given.get('behind'), attributes };
}

function sourceIn(given: URLSearchParams): PageParameters['source'] {
  const [room, src, token] = ['room', 'src', 'token'].map((name) => given.get(name)?.trim() ?? '');
  if (src && token) return { kind: 'stream', src, token };
  if (room) return { kind: 'room', room, name: given.get('name')?.trim() || 'Captions' };
  return { kind: 'none' };
}
