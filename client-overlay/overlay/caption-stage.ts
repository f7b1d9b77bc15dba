/**
 * The place where captions are painted and the room there is on it: its size, its font and spacing, which a
 * person's own style sheet may change, and how many lines of which length the person wants.
 */
import { SpeakerCues } from './caption-colours.ts';
import type { CaptionFrame } from './caption-frame.ts';
import type { CaptionPreferences } from './caption-preferences.ts';
import { CaptionView } from './caption-view.ts';
import type { Messages } from './messages.ts';
import { SMALL_TEXT } from './overlay-style.ts';
import { TextMeasure } from './text-measure.ts';
import type { RowLimits, VisibleRow } from './visible-rows.ts';

export class CaptionStage {
  readonly #element: HTMLElement;
  readonly #view: CaptionView;
  readonly #measure: TextMeasure;
  readonly #observer: ResizeObserver;

  /** `onResize`: rows are to be laid out anew. */
  constructor({ stage, status }: CaptionFrame, onResize: () => void) {
    this.#element = stage;
    this.#view = new CaptionView(stage, status, new SpeakerCues());
    this.#measure = new TextMeasure(stage);
    this.#observer = new ResizeObserver(([entry]) => {
      this.#measure.setWidth(entry?.contentRect.width ?? 0);
      this.#measure.readStyle();
      onResize();
    });
  }

  observe(): void {
    this.#observer.observe(this.#element);
  }

  stopObserving(): void {
    this.#observer.disconnect();
  }

  /** True: the font or spacing is another one than before, and rows are to be laid out anew. */
  readStyle(): boolean {
    return this.#measure.readStyle();
  }

  limits({ lines, lineLength }: CaptionPreferences): RowLimits {
    return {
      lines,
      fits: (text) => text.length <= lineLength && this.#measure.fits(text),
      gapFits: (text) => this.#measure.fits(text, SMALL_TEXT),
    };
  }

  /** `status`: said above the rows; empty when there is nothing to say. */
  paint(rows: readonly VisibleRow[], words: { readonly status: string; readonly messages: Messages }): void {
    this.#view.paint(rows, words.messages);
    this.#view.showStatus(words.status);
  }
}
