/** The page's addresses, as plain functions. */

export type Route =
  | { readonly page: 'home' }
  /** `entry` demo: straight into the room, with captions and without devices. */
  | { readonly page: 'room'; readonly roomId: string; readonly entry: 'lobby' | 'demo' }
  /** Where a person writes the captions; the key is after the #. */
  | { readonly page: 'captioner'; readonly roomId: string }
  | { readonly page: 'nowhere' };

const ROOM_PATH = /^\/r\/([\w-]{8,64})\/?$/;
const CAPTIONER_PATH = /^\/captioner\/([\w-]{8,64})\/?$/;
const ROOM_CODE = /^[\w-]{8,64}$/;

export function routeOf(path: string, state: unknown): Route {
  if (path === '/' || path === '/index.html') return { page: 'home' };
  const captionedRoom = CAPTIONER_PATH.exec(path)?.[1];
  if (captionedRoom !== undefined) return { page: 'captioner', roomId: captionedRoom };
  const roomId = ROOM_PATH.exec(path)?.[1];
  if (roomId === undefined) return { page: 'nowhere' };
  return { page: 'room', roomId, entry: state === 'demo' ? 'demo' : 'lobby' };
}

/** The room that a person typed or pasted: a whole link, the end of one, or the code alone. */
export function roomIdFromInput(input: string): string | undefined {
  const text = input.trim();
  const path = text.replace(/^https?:\/\/[^/]+/i, '').replace(/[?#].*$/, '');
  const inLink = ROOM_PATH.exec(path.startsWith('/') ? path : `/${path}`)?.[1];
  return inLink ?? (ROOM_CODE.test(text) ? text : undefined);
}

export function roomPath(roomId: string): string {
  return `/r/${roomId}`;
}
