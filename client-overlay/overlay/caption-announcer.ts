/**
 * Reads finished utterances out: writes them into a `role="log"` in bundles, so that a screen reader is not
 * flooded. When speech comes faster than it can be read, the oldest waiting utterances go; the transcript has them.
 */
import type { CaptionUtterance } from './caption-utterance.ts';

const ANNOUNCE_EVERY_MS = 3_000;
const MAX_WAITING = 6;
const MAX_ENTRIES = 20;

export class CaptionAnnouncer {
  readonly #log: HTMLElement;
  #waiting: CaptionUtterance[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(log: HTMLElement) {
    this.#log = log;
  }

  announce(utterance: CaptionUtterance): void {
    this.#waiting.push(utterance);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#lastAt + ANNOUNCE_EVERY_MS - performance.now());
    this.#timer = setTimeout(() => this.#flush(), waitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
    this.#log.replaceChildren();
  }

  #flush(): void {
    this.#timer = undefined;
    this.#lastAt = performance.now();
    for (const { speaker, text, language } of this.#waiting.splice(0)) {
      const entry = this.#log.ownerDocument.createElement('p');
      entry.lang = language;
      entry.textContent = `${speaker.name || speaker.identity}: ${text}`;
      this.#log.append(entry);
    }
    while (this.#log.childElementCount > MAX_ENTRIES) this.#log.firstElementChild?.remove();
  }
}
