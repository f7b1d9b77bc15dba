/** The lines that a person keeps in sight, above the captions, until they let them go. */
import { SPEAKER_SHAPES, type SpeakerCues } from './caption-colours.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import { create, iconButton } from './controls/control-parts.ts';
import type { Messages } from './messages.ts';

/** More would leave no room for what is said; the oldest goes. */
export const MAX_PINS = 3;

export class PinnedLines {
  /** By id; a copy of each, because the transcript may forget it. */
  readonly #pinned = new Map<number, CaptionUtterance>();

  get utterances(): readonly CaptionUtterance[] {
    return [...this.#pinned.values()];
  }

  has(id: number): boolean {
    return this.#pinned.has(id);
  }

  toggle(utterance: CaptionUtterance): void {
    if (this.#pinned.delete(utterance.id)) return;
    this.#pinned.set(utterance.id, utterance);
    const [oldest] = this.#pinned.keys();
    if (this.#pinned.size > MAX_PINS && oldest !== undefined) this.#pinned.delete(oldest);
  }

  /** True: it is one of them, and now as it is here. */
  update(utterance: CaptionUtterance): boolean {
    if (!this.#pinned.has(utterance.id)) return false;
    this.#pinned.set(utterance.id, utterance);
    return true;
  }

  clear(): void {
    this.#pinned.clear();
  }
}

export interface PinnedLinesLook {
  readonly messages: Messages;
  readonly cues: SpeakerCues;
  readonly onUnpin: (id: number) => void;
}

/** Writes them into `list`; rows of lines that were there before stay. */
export function showPinnedLines(
  list: HTMLElement,
  utterances: readonly CaptionUtterance[],
  look: PinnedLinesLook,
): void {
  const { messages, cues, onUnpin } = look;
  const rows = new Map([...list.children].map((row) => [(row as HTMLElement).dataset.utterance, row]));
  for (const { id, speaker, language, text } of utterances) {
    const cue = cues.cueOf(speaker.identity);
    let row = rows.get(String(id));
    rows.delete(String(id));
    if (!row) {
      const shape = create('span', 'shape', SPEAKER_SHAPES[cue] ?? '');
      shape.setAttribute('aria-hidden', 'true');
      const said = create('span', 'said');
      said.lang = language;
      const name = create('b', '', shape, speaker.name || speaker.identity);
      const unpin = iconButton('close', messages.pins.unpin, () => onUnpin(id));
      const words = create('p', '', name, ' ', said);
      words.tabIndex = 0; // a long line scrolls
      const made = create('li', '', words, unpin);
      made.dataset.utterance = String(id);
      made.dataset.cue = String(cue);
      list.append(made);
      row = made;
    }
    const said = row.querySelector('.said');
    if (said && said.textContent !== text) said.textContent = text;
  }
  for (const row of rows.values()) row.remove();
  list.setAttribute('aria-label', messages.pins.title);
  list.hidden = utterances.length === 0;
}
