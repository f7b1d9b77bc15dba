/**
 * The elements inside the shadow root: pinned lines, the pinned speaker's stage, the stage with its rows and its
 * status line, the log for screen readers, the controls. Shows preferences and words; what is painted on a stage is
 * {@link CaptionView}'s. One frame is in the page, another in the window that captions are popped out to.
 */
import { CaptionAnnouncer } from './caption-announcer.ts';
import { chosenColours } from './caption-colours.ts';
import type { CaptionPreferences } from './caption-preferences.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import { create, iconButton, nameButton, textButton } from './controls/control-parts.ts';
import { CONTROLS_STYLE } from './controls/controls-style.ts';
import type { InterfaceLanguage } from './interface-language.ts';
import type { Messages } from './messages.ts';
import { lookProperties, OVERLAY_STYLE } from './overlay-style.ts';

export interface CaptionFrameOptions {
  readonly onUnpinSpeaker: () => void;
  /** The person wants the captions back from their own window. */
  readonly onReturn: () => void;
}

export class CaptionFrame {
  readonly element = part('div', 'frame');
  readonly stage = part('div', 'stage', 'group');
  readonly status = part('p', 'status', 'status');
  readonly pinnedStage = part('div', 'pinned-stage', 'group');
  readonly pinnedLines = part('ul', 'pins');
  /** Rows of the pinned speaker go before it. */
  readonly pinnedEnd = create('span');
  readonly #unpin: HTMLButtonElement;
  readonly #elsewhere = part('p', 'elsewhere');
  readonly #return: HTMLButtonElement;
  readonly #log = part('div', 'log', 'log');
  readonly #announcer = new CaptionAnnouncer(this.#log);

  constructor(root: ShadowRoot, { onUnpinSpeaker, onReturn }: CaptionFrameOptions) {
    const { defaultView } = root.ownerDocument;
    const sheet = new (defaultView as typeof globalThis & Window).CSSStyleSheet();
    sheet.replaceSync(OVERLAY_STYLE + CONTROLS_STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#unpin = iconButton('close', '', onUnpinSpeaker);
    this.#return = textButton('', onReturn);
    this.pinnedStage.classList.add('stage');
    this.pinnedStage.hidden = true;
    this.pinnedLines.hidden = true;
    this.#elsewhere.hidden = true;
    this.pinnedStage.append(this.#unpin, this.pinnedEnd);
    this.stage.append(this.status);
    this.element.append(this.pinnedLines, this.pinnedStage, this.stage, this.#elsewhere);
    root.append(this.element);
  }

  show(
    preferences: CaptionPreferences,
    words: { readonly messages: Messages; readonly language: InterfaceLanguage },
  ): void {
    const { messages, language } = words;
    const { element } = this;
    for (const [name, value] of Object.entries(lookProperties(preferences, chosenColours(preferences)))) {
      element.style.setProperty(name, value);
    }
    element.dataset.edge = preferences.edge;
    element.dataset.font = preferences.font;
    element.lang = language;
    this.stage.setAttribute('aria-label', messages.captions);
    this.#log.setAttribute('aria-label', messages.log);
    this.#elsewhere.replaceChildren(messages.popOut.elsewhere, ' ', this.#return);
    this.#return.textContent = messages.popOut.close;
    this.#showLog(preferences.announce);
  }

  /** Null: nobody is pinned. */
  showPinnedSpeaker(name: string | null, { pins }: Messages): void {
    this.pinnedStage.hidden = name === null;
    if (name === null) return;
    nameButton(this.#unpin, pins.unpinSpeaker(name));
    this.pinnedStage.setAttribute('aria-label', name);
  }

  /** The captions are in a window of their own, and here is only the way to bring them back. */
  showElsewhere(elsewhere: boolean): void {
    this.element.classList.toggle('is-elsewhere', elsewhere);
    this.#elsewhere.hidden = !elsewhere;
  }

  /** Does nothing unless the log is shown. */
  announce(utterance: CaptionUtterance): void {
    if (this.#log.isConnected) this.#announcer.announce(utterance);
  }

  /** Forgets what waits to be read out. */
  silence(): void {
    this.#announcer.close();
  }

  /** A live region that is off does not exist; it must be there before its first entry. */
  #showLog(shown: boolean): void {
    if (shown === (this.#log.parentNode !== null)) return;
    if (shown) this.element.append(this.#log);
    else {
      this.silence();
      this.#log.remove();
    }
  }
}

function part<K extends 'div' | 'p' | 'ul'>(tag: K, name: string, role?: string): HTMLElementTagNameMap[K] {
  const element = create(tag, name);
  element.setAttribute('part', name);
  if (role !== undefined) element.setAttribute('role', role);
  return element;
}
