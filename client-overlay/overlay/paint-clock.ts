/** When to paint: in the next animation frame, once, however often it is asked; or after a while if nobody asks. */
export class PaintClock {
  readonly #paint: () => void;
  #window: Window = window;
  #frame = 0;
  #wake = 0;

  constructor(paint: () => void) {
    this.#paint = paint;
  }

  /** From now on in the frames of this window: one that is not seen has none. */
  moveTo(other: Window): void {
    this.stop();
    this.#window = other;
  }

  request(): void {
    if (this.#frame !== 0) return;
    this.#frame = this.#window.requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  /** Infinity: only when asked. Takes the place of an earlier call. */
  requestAfter(waitMs: number): void {
    this.#window.clearTimeout(this.#wake);
    if (Number.isFinite(waitMs)) this.#wake = this.#window.setTimeout(() => this.request(), waitMs);
  }

  stop(): void {
    this.#window.cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#window.clearTimeout(this.#wake);
  }
}
