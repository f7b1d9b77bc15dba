/**
 * A panel in the page's top layer beside the captions: opened by its button, closed by it, by Escape and by its own
 * close button; focus goes in and comes back. It does not take the page away: nothing else becomes inert.
 */
import { create } from './control-parts.ts';

const GAP_PX = 8;

export class Popup {
  readonly element: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #onToggle: (open: boolean) => void;
  #open = false;
  #cameFrom: HTMLElement | null = null;

  /** `name`: its CSS part. `onToggle` is told after it opened and after it closed. */
  constructor(name: string, button: HTMLButtonElement, onToggle: (open: boolean) => void = () => {}) {
    this.#button = button;
    this.#onToggle = onToggle;
    this.element = create('div', `panel ${name}`);
    this.element.setAttribute('part', name);
    this.element.setAttribute('role', 'dialog');
    this.element.setAttribute('popover', 'manual');
    this.element.hidden = true;
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation(); // the page's own Escape is for what lies behind
      this.toggle(false);
    });
    button.setAttribute('aria-expanded', 'false');
    button.addEventListener('click', () => this.toggle());
  }

  get isOpen(): boolean {
    return this.#open;
  }

  toggle(open = !this.#open): void {
    if (open === this.#open || (open && !this.element.isConnected)) return;
    this.#open = open;
    if (open) this.#cameFrom = this.#focused();
    this.element.hidden = !open;
    this.#button.setAttribute('aria-expanded', String(open));
    if (open) {
      this.element.showPopover?.();
      this.#place();
      window.addEventListener('resize', this.#place);
    } else {
      window.removeEventListener('resize', this.#place);
      if (this.element.matches(':popover-open')) this.element.hidePopover();
    }
    this.#onToggle(open);
    if (open) this.element.querySelector<HTMLElement>('[data-first]')?.focus();
    else (this.#cameFrom ?? this.#button).focus();
  }

  /** Where the person was; null where the browser does not focus a button that is clicked. */
  #focused(): HTMLElement | null {
    const { activeElement } = this.element.getRootNode() as ShadowRoot;
    const focused = activeElement ?? document.activeElement;
    return focused instanceof HTMLElement && focused !== document.body ? focused : null;
  }

  /** Above or below the button, where there is more room; beside the captions rather than over them. */
  readonly #place = (): void => {
    const { top, bottom } = this.#button.getBoundingClientRect();
    const belowPx = innerHeight - bottom;
    const above = top > belowPx;
    const edgePx = Math.min((above ? innerHeight - top : bottom) + GAP_PX, innerHeight / 2);
    const { style } = this.element;
    style.setProperty('--room', `${innerHeight - edgePx - GAP_PX}px`);
    style.setProperty('--from-top', above ? 'auto' : `${edgePx}px`);
    style.setProperty('--from-bottom', above ? `${edgePx}px` : 'auto');
  };
}
