/**
 * Whether a text fits on a line of the stage, by measuring it on a canvas in the stage's own font: no layout of
 * the page is ever forced by a word.
 */

import { ROW_MARGIN } from './overlay-style.ts';

/** Below this no text is legible; lines are then laid out as if there were room for it. */
const MIN_WIDTH_PX = 60;

export class TextMeasure {
  readonly #stage: HTMLElement;
  readonly #canvas: CanvasRenderingContext2D | null;
  #stageWidthPx = 0;
  #roomPx = 0;
  #style = '';

  constructor(stage: HTMLElement) {
    this.#stage = stage;
    this.#canvas = stage.ownerDocument.createElement('canvas').getContext('2d');
  }

  /** Told by whoever observes the stage's size; {@link readStyle} is to follow. 0: the stage is not laid out. */
  setWidth(stageWidthPx: number): void {
    this.#stageWidthPx = stageWidthPx;
  }

  /** Reads the stage's font and spacing, which a person's own style sheet may change. True: they are others. */
  readStyle(): boolean {
    const { fontStyle, fontWeight, fontSize, fontFamily, letterSpacing, wordSpacing } = getComputedStyle(
      this.#stage,
    );
    const style = [fontStyle, fontWeight, fontSize, fontFamily, letterSpacing, wordSpacing].join(' ');
    this.#roomPx = Math.max(MIN_WIDTH_PX, this.#stageWidthPx - ROW_MARGIN * Number.parseFloat(fontSize));
    if (style === this.#style) return false;
    this.#style = style;
    if (this.#canvas) {
      this.#canvas.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
      this.#canvas.letterSpacing = letterSpacing === 'normal' ? '0px' : letterSpacing;
      this.#canvas.wordSpacing = wordSpacing === 'normal' ? '0px' : wordSpacing;
    }
    return true;
  }

  /** `scale`: of the text's size to the stage's. */
  fits(text: string, scale = 1): boolean {
    if (!this.#canvas || this.#stageWidthPx === 0) return true; // nothing is seen: length alone counts
    return this.#canvas.measureText(text).width * scale <= this.#roomPx;
  }
}
