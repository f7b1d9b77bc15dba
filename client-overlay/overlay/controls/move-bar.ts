/**
 * Moving and resizing the captions: by dragging, by arrow keys, or by buttons for those who can do neither. Works in
 * per cent of the window, so that captions stay on screen whatever becomes of its size.
 */
import { type CaptionPreferences, DEFAULT_PREFERENCES, readPreferences } from '../caption-preferences.ts';
import type { Messages } from '../messages.ts';
import { create, iconButton, textButton } from './control-parts.ts';
import type { IconName } from './icon.ts';

const STEP_PERCENT = 5;

type Moved = Partial<Pick<CaptionPreferences, 'x' | 'y' | 'width'>>;

export class MoveBar {
  readonly element = create('div', 'move-bar');
  readonly #frame: HTMLElement;
  readonly #onMove: (preferences: CaptionPreferences) => void;
  readonly #onDone: () => void;
  readonly #grip = create('div', 'resize-grip');
  #preferences = DEFAULT_PREFERENCES;
  #moving = false;

  /** `frame`: what is moved, inside the window. `onMove`: it is to be there. */
  constructor(frame: HTMLElement, onMove: (preferences: CaptionPreferences) => void, onDone: () => void) {
    this.#frame = frame;
    this.#onMove = onMove;
    this.#onDone = onDone;
    this.element.setAttribute('role', 'toolbar');
    this.element.setAttribute('part', 'move-bar');
    this.element.hidden = true;
    this.#grip.hidden = true;
    frame.append(this.element, this.#grip);
    frame.addEventListener('keydown', (event) => this.#handleKey(event));
    frame.addEventListener('pointerdown', (event) => this.#handlePointer(event));
  }

  show(preferences: CaptionPreferences): void {
    this.#preferences = preferences;
    // The bar is above the captions, or below them where there is no room above.
    this.#frame.classList.toggle('high', preferences.y < 30);
  }

  /** Where the captions are now is where they float. */
  start(messages: Messages): void {
    if (this.#moving) return;
    this.#moving = true;
    if (this.#preferences.placement !== 'floating')
      this.#onMove({ ...this.#preferences, ...this.#place(), placement: 'floating' });
    const { move } = messages;
    const step = (picture: IconName, words: string, moved: () => Moved) =>
      iconButton(picture, words, () => this.#move(moved()));
    const { element } = this;
    element.setAttribute('aria-label', move.title);
    const by = (key: keyof Moved, percent: number) => () => ({ [key]: this.#preferences[key] + percent });
    const first = step('left', move.left, by('x', -STEP_PERCENT));
    element.replaceChildren(
      first,
      step('up', move.up, by('y', -STEP_PERCENT)),
      step('down', move.down, by('y', STEP_PERCENT)),
      step('right', move.right, by('x', STEP_PERCENT)),
      step('narrower', move.narrower, by('width', -STEP_PERCENT)),
      step('wider', move.wider, by('width', STEP_PERCENT)),
      textButton(move.back, () => {
        const { placement, x, y, width } = DEFAULT_PREFERENCES;
        this.#onMove({ ...this.#preferences, placement, x, y, width });
        this.stop();
      }),
      textButton(move.done, () => this.stop()),
      create('p', '', move.how),
    );
    element.hidden = false;
    this.#grip.hidden = false;
    this.#frame.classList.add('moving');
    first.focus();
  }

  stop(): void {
    if (!this.#moving) return;
    this.#moving = false;
    this.element.hidden = true;
    this.#grip.hidden = true;
    this.#frame.classList.remove('moving');
    this.#onDone();
  }

  #move(moved: Moved): void {
    this.#onMove(readPreferences(moved, this.#preferences));
  }

  #handleKey(event: KeyboardEvent): void {
    if (!this.#moving) return;
    const resizes = event.shiftKey;
    const { x, y, width } = this.#preferences;
    const moves: Readonly<Record<string, Moved>> = {
      ArrowLeft: resizes ? { width: width - STEP_PERCENT } : { x: x - STEP_PERCENT },
      ArrowRight: resizes ? { width: width + STEP_PERCENT } : { x: x + STEP_PERCENT },
      ArrowUp: { y: y - STEP_PERCENT },
      ArrowDown: { y: y + STEP_PERCENT },
    };
    const moved = moves[event.key];
    if (moved) this.#move(moved);
    else if (event.key === 'Escape') this.stop();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #handlePointer(event: PointerEvent): void {
    const [target] = event.composedPath();
    if (!this.#moving || !(target instanceof Element) || target.closest('button')) return;
    event.preventDefault();
    const { clientX, clientY, pointerId } = event;
    const from = this.#preferences;
    const { width, height } = this.#frame.getBoundingClientRect();
    const room = this.#room();
    const resizes = target === this.#grip;
    const follow = (now: PointerEvent) => {
      const [right, down] = [now.clientX - clientX, now.clientY - clientY];
      // The grip is on one side and the middle stays: the width grows by twice the way.
      if (resizes) this.#move({ width: from.width + (200 * right) / room.width });
      else {
        const freeX = Math.max(1, room.width - width);
        const freeY = Math.max(1, room.height - height);
        this.#move({ x: from.x + (100 * right) / freeX, y: from.y + (100 * down) / freeY });
      }
    };
    this.#frame.setPointerCapture(pointerId);
    this.#frame.addEventListener('pointermove', follow);
    this.#frame.addEventListener(
      'lostpointercapture',
      () => this.#frame.removeEventListener('pointermove', follow),
      { once: true },
    );
  }

  /** Where the frame is, in per cent of the room around it. */
  #place(): Required<Moved> {
    const { left, top, width, height } = this.#frame.getBoundingClientRect();
    const room = this.#room();
    const share = (at: number, free: number) =>
      free < 1 ? 50 : Math.round(Math.min(100, Math.max(0, (100 * at) / free)));
    return {
      x: share(left - room.left, room.width - width),
      y: share(top - room.top, room.height - height),
      width: Math.round((100 * width) / room.width),
    };
  }

  /** The window, less the margin that {@link OVERLAY_STYLE} leaves. */
  #room(): { left: number; top: number; width: number; height: number } {
    const margin = 8;
    return { left: margin, top: margin, width: innerWidth - 2 * margin, height: innerHeight - 2 * margin };
  }
}
