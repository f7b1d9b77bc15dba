/**
 * Whether a text fits on a line of the stage, by measuring it on a canvas in the stage's own font: no layout of
 * the page is ever forced by a word.
 */

/** Below this no text is legible; lines are then laid out as if there were room for it. */
const MIN_WIDTH_PX = 60;

export class TextMeasure {
  readonly #stage: HTMLElement;
  readonly #canvas: CanvasRenderingContext2D | null;
  #widthPx = 0;
  #style = '';

  constructor(stage: HTMLElement) {
    this.#stage = stage;
    this.#canvas = stage.ownerDocument.createElement('canvas').getContext('2d');
  }

  /** Width of a line; told by whoever observes the stage's size. */
  setWidth(widthPx: number): void {
    this.#widthPx = widthPx;
  }

  /** Reads the stage's font and spacing, which a person's own style sheet may change. True: they are others. */
  readStyle(): boolean {
    const { fontStyle, fontWeight, fontSize, fontFamily, letterSpacing, wordSpacing } = getComputedStyle(
      this.#stage,
    );
    const style = [fontStyle, fontWeight, fontSize, fontFamily, letterSpacing, wordSpacing].join(' ');
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
    if (!this.#canvas || this.#widthPx === 0) return true; // not laid out: nothing is seen, length alone counts
    return this.#canvas.measureText(text).width * scale <= Math.max(MIN_WIDTH_PX, this.#widthPx);
  }
}
