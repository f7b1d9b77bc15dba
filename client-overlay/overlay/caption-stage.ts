/**
 * The places where captions are painted, everybody's and the pinned speaker's, and the room there is on them: their
 * width, their font and spacing, which a person's own style sheet may change, and how many lines of which length the
 * person wants.
 */
import type { SpeakerCues } from './caption-colours.ts';
import type { CaptionFrame } from './caption-frame.ts';
import type { CaptionPreferences } from './caption-preferences.ts';
import { CaptionView, type PaintContext } from './caption-view.ts';
import { PINNED_LINES, SMALL_TEXT } from './overlay-style.ts';
import { TextMeasure } from './text-measure.ts';
import type { RowLimits, VisibleRow } from './visible-rows.ts';

export interface StageRows {
  readonly rows: readonly VisibleRow[];
  readonly pinned: readonly VisibleRow[];
  /** Said above the rows; empty when there is nothing to say. */
  readonly status: string;
}

export class CaptionStage {
  readonly #element: HTMLElement;
  readonly #view: CaptionView;
  readonly #pinnedView: CaptionView;
  readonly #measure: TextMeasure;
  readonly #observer: ResizeObserver;

  /** `onResize`: rows are to be laid out anew. */
  constructor(frame: CaptionFrame, cues: SpeakerCues, onResize: () => void) {
    const { stage, status, pinnedStage, pinnedEnd } = frame;
    this.#element = stage;
    this.#view = new CaptionView(stage, status, cues);
    this.#pinnedView = new CaptionView(pinnedStage, pinnedEnd, cues);
    this.#measure = new TextMeasure(stage);
    // The window that the stage is in: another one's observer reports only while that one is seen.
    const view = stage.ownerDocument.defaultView as typeof globalThis & Window;
    this.#observer = new view.ResizeObserver(([entry]) => {
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

  pinnedLimits(preferences: CaptionPreferences): RowLimits {
    return { ...this.limits(preferences), lines: PINNED_LINES };
  }

  paint({ rows, pinned, status }: StageRows, context: PaintContext): void {
    this.#view.paint(rows, context);
    this.#pinnedView.paint(pinned, context);
    this.#view.showStatus(status);
  }
}
