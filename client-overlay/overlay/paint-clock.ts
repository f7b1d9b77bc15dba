/** When to paint: in the next animation frame, once, however often it is asked; or after a while if nobody asks. */
export class PaintClock {
  readonly #paint: () => void;
  #frame = 0;
  #wake: ReturnType<typeof setTimeout> | undefined;

  constructor(paint: () => void) {
    this.#paint = paint;
  }

  request(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  /** Infinity: only when asked. Takes the place of an earlier call. */
  requestAfter(waitMs: number): void {
    clearTimeout(this.#wake);
    if (Number.isFinite(waitMs)) this.#wake = setTimeout(() => this.request(), waitMs);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    clearTimeout(this.#wake);
  }
}
