/** Which language a stream speaks: fixed, or heard from the model and kept until it clearly changes. */
import type { CaptionLanguage } from '../../../protocol/caption-event.ts';
import type { StreamLanguage } from '../speech-engine.ts';
import { WINDOW } from './window-settings.ts';

export class LanguageChoice {
  readonly #fixed: boolean;
  #current: CaptionLanguage;
  #settled: boolean;

  constructor(language: StreamLanguage) {
    this.#fixed = language !== 'auto';
    this.#settled = this.#fixed;
    this.#current = language === 'auto' ? 'en' : language;
  }

  get current(): CaptionLanguage {
    return this.#current;
  }

  /** Nothing should be said before this. */
  get isSettled(): boolean {
    return this.#settled;
  }

  /** Takes the logits of English and French; true if the language changed, so that one must decode again. */
  hear([en, fr]: readonly [number, number]): boolean {
    if (this.#fixed) return false;
    const margin = this.#settled ? WINDOW.languageMargin : 0;
    const heard: CaptionLanguage = fr > en ? 'fr' : 'en';
    this.#settled = true;
    if (heard === this.#current || Math.abs(fr - en) < margin) return false;
    this.#current = heard;
    return true;
  }
}
