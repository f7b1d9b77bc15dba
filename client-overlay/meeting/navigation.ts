/** Moving between the page's addresses without loading it again. */
import { useSyncExternalStore } from 'react';
import { type Route, roomPath, routeOf } from './addresses.ts';

export function roomLink(roomId: string): string {
  return new URL(roomPath(roomId), location.origin).href;
}

const listeners = new Set<() => void>();
let route = routeOf(location.pathname, history.state);

function readRoute(): void {
  route = routeOf(location.pathname, history.state);
  for (const listener of listeners) listener();
}

export function goTo(path: string, state: 'demo' | null = null): void {
  history.pushState(state, '', path);
  scrollTo(0, 0);
  readRoute();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('popstate', readRoute);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener('popstate', readRoute);
  };
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => route);
}
