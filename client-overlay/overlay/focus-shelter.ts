/**
 * Keeps the captions off what has the keyboard's focus (WCAG 2.4.11): while they would cover it entirely or in part,
 * they stand higher, or lower where there is no room above.
 */
const GAP_PX = 8;

export class FocusShelter {
  readonly #host: HTMLElement;
  readonly #frame: HTMLElement;

  constructor(host: HTMLElement, frame: HTMLElement) {
    this.#host = host;
    this.#frame = frame;
  }

  observe(): void {
    document.addEventListener('focusin', this.#handleFocus);
    document.addEventListener('focusout', this.#handleBlur);
  }

  stopObserving(): void {
    document.removeEventListener('focusin', this.#handleFocus);
    document.removeEventListener('focusout', this.#handleBlur);
    this.#handleBlur();
  }

  readonly #handleFocus = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement) || target === this.#host || target.contains(this.#host)) return;
    if (!target.matches(':focus-visible')) return; // who clicks sees where
    const focused = target.getBoundingClientRect();
    const { top, bottom, left, right } = this.#frame.getBoundingClientRect();
    const covers =
      focused.left < right && focused.right > left && focused.top < bottom && focused.bottom > top;
    if (!covers || bottom === top) return;
    const upPx = bottom - focused.top + GAP_PX;
    const downPx = focused.bottom - top + GAP_PX;
    const fits = top - upPx >= 0 || bottom + downPx > innerHeight;
    this.#frame.style.setProperty('--aside', fits ? `${-upPx}px` : `${downPx}px`);
  };

  readonly #handleBlur = (): void => {
    this.#frame.style.removeProperty('--aside');
  };
}
