/**
 * Writes rows into the shadow root, at most once per animation frame and on the element's request. An element
 * stays with its row for the row's life; text is only ever added to the end of its one text node.
 */
import { SPEAKER_SHAPES, type SpeakerCues } from './caption-colours.ts';
import type { Messages } from './messages.ts';
import type { VisibleRow } from './visible-rows.ts';

export interface PaintContext {
  readonly messages: Messages;
  readonly nowMs: number;
}

type VisibleLine = Extract<VisibleRow, { kind: 'line' }>;

/**
 * Rows that are rearranged more than three times a second are not seen to roll, only to shake: they then jump. It
 * also spares those words a wait: while something moves, a word waits for the next frame; otherwise one begins at once.
 */
const SMOOTH_AFTER_MS = 333;

interface PaintedRow {
  readonly element: HTMLElement;
  readonly text: Text;
  place: string;
}

export class CaptionView {
  readonly #stage: HTMLElement;
  readonly #status: HTMLElement;
  readonly #cues: SpeakerCues;
  readonly #painted = new Map<string, PaintedRow>();
  /** The keys of the rows, top to bottom. */
  #order = '';
  #rolledAt = Number.NEGATIVE_INFINITY;

  /** `status` is a child of `stage`; rows go before it. */
  constructor(stage: HTMLElement, status: HTMLElement, cues: SpeakerCues) {
    this.#stage = stage;
    this.#status = status;
    this.#cues = cues;
  }

  paint(rows: readonly VisibleRow[], { messages, nowMs }: PaintContext): void {
    const order = rows.map(({ key }) => key).join(' ');
    if (order !== this.#order) {
      this.#order = order;
      this.#arrange(rows, { messages, nowMs });
    }
    for (const row of rows) if (row.kind === 'line') this.#grow(row);
  }

  /** Says it above the captions and to screen readers; once, however often it is asked. */
  showStatus(message: string): void {
    if (this.#status.textContent !== message) this.#status.textContent = message;
  }

  #grow({ key, text, split }: VisibleLine): void {
    const painted = this.#painted.get(key);
    if (!painted) return;
    if (text.length > painted.text.length) painted.text.appendData(text.slice(painted.text.length));
    painted.element.classList.toggle('split', split);
  }

  #arrange(rows: readonly VisibleRow[], { messages, nowMs }: PaintContext): void {
    for (const row of rows) if (row.kind === 'name') this.#cues.cueOf(row.speaker.identity); // in reading order
    const isSmooth = nowMs - this.#rolledAt > SMOOTH_AFTER_MS;
    this.#rolledAt = nowMs;
    this.#stage.classList.toggle('hurried', !isSmooth);
    const rolls = isSmooth && this.#painted.size > 0;
    this.#removeAllBut(new Set(rows.map((row) => row.key)));
    let lines = 0;
    let names = 0;
    let below: HTMLElement = this.#status;
    for (const row of rows.toReversed()) {
      const painted = this.#painted.get(row.key) ?? this.#create(row, { rolls, messages });
      place(painted, lines, names);
      // Moving an element that is in place would restart its animation.
      if (painted.element.nextSibling !== below) this.#stage.insertBefore(painted.element, below);
      below = painted.element;
      if (row.kind === 'name') names += 1;
      else lines += 1;
    }
    this.#status.style.setProperty('--lines-below', String(lines));
    this.#status.style.setProperty('--names-below', String(names));
  }

  #create(row: VisibleRow, how: { readonly rolls: boolean; readonly messages: Messages }): PaintedRow {
    const document = this.#stage.ownerDocument;
    const element = document.createElement('p');
    element.className = `row ${row.kind}`;
    element.classList.toggle('rolls', how.rolls);
    element.setAttribute('part', row.kind);
    const text = document.createTextNode('');
    if (row.kind === 'line') {
      element.lang = row.language;
      element.dataset.utterance = String(row.utterance);
      element.dataset.cue = String(this.#cues.cueOf(row.speaker.identity));
      if (row.corrected) {
        element.classList.add('corrected');
        element.title = how.messages.corrected;
      }
      element.append(text);
    } else if (row.kind === 'name') {
      const cue = this.#cues.cueOf(row.speaker.identity);
      element.dataset.cue = String(cue);
      const shape = document.createElement('span');
      shape.className = 'shape';
      shape.setAttribute('aria-hidden', 'true');
      shape.textContent = SPEAKER_SHAPES[cue] ?? '';
      element.append(shape);
      if (row.source === 'human') {
        const mark = document.createElement('span');
        mark.className = 'mark';
        mark.textContent = how.messages.human;
        element.append(mark);
      }
      const name = document.createElement('span');
      text.data = row.speaker.name || row.speaker.identity;
      name.append(text);
      element.append(name);
    } else {
      text.data = row.text;
      const marker = document.createElement('span');
      marker.append(text);
      element.append(marker);
    }
    const painted = { element, text, place: '' };
    this.#painted.set(row.key, painted);
    return painted;
  }

  #removeAllBut(keys: ReadonlySet<string>): void {
    for (const [key, { element }] of this.#painted) {
      if (keys.has(key)) continue;
      element.remove();
      this.#painted.delete(key);
    }
  }
}

function place(painted: PaintedRow, lines: number, names: number): void {
  const wanted = `${lines} ${names}`;
  if (painted.place === wanted) return;
  painted.place = wanted;
  painted.element.style.setProperty('--lines-below', String(lines));
  painted.element.style.setProperty('--names-below', String(names));
}
