import { useEffect } from 'react';

let firstPage = true;

/**
 * The title of the window while the caller, a whole page, is shown. Where the page before took the focused element
 * with it, the focus goes to the new heading, so that keyboards and screen readers start at the top.
 */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
    const heading = document.querySelector('h1');
    if (!firstPage && heading !== null && document.activeElement === document.body) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    firstPage = false;
  }, [title]);
}
