import { useEffect } from 'react';

/** The title of the window while the caller is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
