/**
 * A window of its own for the captions: one that stays on top (Document Picture-in-Picture) where the browser has
 * it, an ordinary small window elsewhere. Closed with the page, or by the person.
 */
interface DocumentPictureInPicture {
  requestWindow(size: { readonly width: number; readonly height: number }): Promise<Window>;
}

declare global {
  interface Window {
    readonly documentPictureInPicture?: DocumentPictureInPicture;
  }
}

export interface CaptionWindowOptions {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly onClose: () => void;
}

export class CaptionWindow {
  #window: Window | null = null;
  #opening = false;

  /** An empty document; null: the browser allows none, or one is being opened. Needs a click just before. */
  async open({ title, width, height, onClose }: CaptionWindowOptions): Promise<Window | null> {
    if (this.#opening || this.#window) return null;
    this.#opening = true;
    const opened = (await pictureInPicture({ width, height })) ?? ordinaryWindow({ width, height });
    this.#opening = false;
    if (!opened) return null;
    this.#window = opened;
    opened.document.title = title;
    opened.addEventListener('pagehide', () => {
      if (this.#window !== opened) return;
      this.#window = null;
      onClose();
    });
    window.addEventListener('pagehide', () => opened.close(), { once: true });
    return opened;
  }

  /** {@link CaptionWindowOptions.onClose} is called as when the person closes it. */
  close(): void {
    this.#window?.close();
  }
}

async function pictureInPicture(size: {
  readonly width: number;
  readonly height: number;
}): Promise<Window | null> {
  try {
    return (await window.documentPictureInPicture?.requestWindow(size)) ?? null;
  } catch {
    return null; // refused here, e.g. inside a frame: an ordinary window may still be allowed
  }
}

function ordinaryWindow({
  width,
  height,
}: {
  readonly width: number;
  readonly height: number;
}): Window | null {
  return window.open('', '', `popup,width=${width},height=${height}`);
}
