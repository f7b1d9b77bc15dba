/**
 * The elements inside the shadow root: the stage with its rows and its status line, the log for screen readers,
 * the settings. Shows preferences and words; what is painted on the stage is {@link CaptionView}'s.
 */
import { CaptionAnnouncer } from './caption-announcer.ts';
import { PRESETS } from './caption-colours.ts';
import type { CaptionPreferences } from './caption-preferences.ts';
import { CaptionSettings } from './caption-settings.ts';
import type { CaptionUtterance } from './caption-utterance.ts';
import type { InterfaceLanguage, Messages } from './messages.ts';
import { colourProperties, OVERLAY_STYLE } from './overlay-style.ts';
import { SETTINGS_STYLE } from './settings-style.ts';

export class CaptionFrame {
  readonly stage = part('div', 'stage', 'group');
  readonly status = part('p', 'status', 'status');
  readonly #frame = part('div', 'frame');
  readonly #log = part('div', 'log', 'log');
  readonly #announcer = new CaptionAnnouncer(this.#log);
  readonly #onPreferences: (preferences: CaptionPreferences) => void;
  #settings: CaptionSettings | null = null;

  /** `onPreferences`: the person chose these in the settings. */
  constructor(root: ShadowRoot, onPreferences: (preferences: CaptionPreferences) => void) {
    this.#onPreferences = onPreferences;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(OVERLAY_STYLE + SETTINGS_STYLE);
    root.adoptedStyleSheets = [sheet];
    this.stage.append(this.status);
    this.#frame.append(this.stage);
    root.append(this.#frame);
  }

  show(
    preferences: CaptionPreferences,
    words: { readonly messages: Messages; readonly language: InterfaceLanguage },
  ): void {
    const { messages, language } = words;
    const { style } = this.#frame;
    style.setProperty('--lines', String(preferences.lines));
    style.setProperty('--size', String(preferences.size / 100));
    const colours = colourProperties(PRESETS[preferences.preset], preferences.backgroundOpacity);
    for (const [name, value] of Object.entries(colours)) style.setProperty(name, value);
    this.#frame.lang = language;
    this.stage.setAttribute('aria-label', messages.captions);
    this.#log.setAttribute('aria-label', messages.log);
    this.#settings?.show(preferences, messages);
    this.#showLog(preferences.announce);
  }

  /** {@link show} is to follow. */
  showSettings(shown: boolean): void {
    if (shown === (this.#settings !== null)) return;
    this.#frame.classList.toggle('with-controls', shown);
    if (shown) {
      this.#settings = new CaptionSettings(this.#onPreferences);
      this.#frame.append(this.#settings.element);
    } else {
      this.#settings?.element.remove();
      this.#settings = null;
    }
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
    if (shown) this.#frame.append(this.#log);
    else {
      this.silence();
      this.#log.remove();
    }
  }
}

function part(tag: 'div' | 'p', name: string, role?: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.setAttribute('part', name);
  if (role !== undefined) element.setAttribute('role', role);
  return element;
}
