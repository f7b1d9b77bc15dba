/**
 * Watches what `<surtitre-captions>` paints in a page, from the elements on screen and not from its own state.
 * Install it with {@link watchPaint} once the element is in the page; read it with {@link readPaint}.
 */
import type { Page } from 'playwright-core';

export interface Painted {
  /** A line whose text became another one: must stay empty. */
  readonly changed: readonly string[];
  /** Every line that was ever painted, with its last text, in the order of appearance. */
  readonly lines: readonly { readonly speaker: string; readonly text: string }[];
  /** Texts of the gap markers that were painted. */
  readonly gaps: readonly string[];
  /** Latencies of the words painted, ms from their arrival in the page. */
  readonly paintDelays: readonly number[];
  /** Latencies of the words painted, ms from their end on the caption clock. */
  readonly shownDelays: readonly number[];
}

export async function watchPaint(page: Page): Promise<void> {
  await page.waitForSelector('surtitre-captions', { state: 'attached' });
  await page.evaluate(() => {
    const captions = document.querySelector('surtitre-captions');
    const root = captions?.shadowRoot;
    if (!captions || !root) throw new Error('the captions element has no shadow root');
    const changed: string[] = [];
    const lines: { speaker: string; text: string }[] = [];
    const gaps: string[] = [];
    const paintDelays: number[] = [];
    const shownDelays: number[] = [];
    const known = new WeakMap<Element, { speaker: string; text: string }>();
    const look = () => {
      let speaker = '';
      for (const row of root.querySelectorAll('[part=name], [part=line], [part=gap]')) {
        const text = row.textContent ?? '';
        const part = row.getAttribute('part');
        if (part === 'name') speaker = row.lastElementChild?.textContent ?? '';
        if (part === 'gap' && !known.has(row)) {
          known.set(row, { speaker: '', text });
          gaps.push(text);
        }
        if (part !== 'line') continue;
        const line = known.get(row);
        if (!line) {
          const first = { speaker, text };
          known.set(row, first);
          lines.push(first);
          continue;
        }
        if (!text.startsWith(line.text)) changed.push(`${line.text} => ${text}`);
        line.text = text;
      }
    };
    new MutationObserver(look).observe(root, { subtree: true, childList: true, characterData: true });
    captions.addEventListener('captions-word', (event) => {
      const word = (event as CustomEvent<{ receivedAt: number; shownAt: number; endMs: number }>).detail;
      paintDelays.push(word.shownAt - word.receivedAt);
      shownDelays.push(performance.timeOrigin + word.shownAt - word.endMs);
    });
    look();
    Object.assign(window, { paintWatch: { changed, lines, gaps, paintDelays, shownDelays } });
  });
}

export function readPaint(page: Page): Promise<Painted> {
  return page.evaluate(() => (window as unknown as { paintWatch: Painted }).paintWatch);
}

/** All that was painted under a speaker's name, in lower case and without punctuation. */
export function wordsOf(painted: Painted, speaker: string): string {
  return painted.lines
    .filter((line) => line.speaker === speaker)
    .map((line) => line.text)
    .join(' ')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}' ]+/gu, ' ');
}
