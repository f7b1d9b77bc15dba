/**
 * Which of two languages words are in, for a server that does not say: by the commonest words of each. Kept until
 * the evidence is clear, because a change begins a new utterance. Pure.
 */
import type { CaptionLanguage } from '../../../protocol/caption-event.ts';
import type { StreamLanguage } from '../speech-engine.ts';

const COMMON: Readonly<Record<CaptionLanguage, ReadonlySet<string>>> = {
  fr: new Set(
    'le la les un une des de du et est que qui dans pour pas nous vous je il elle ce cette sur avec au aux mais ou donc bonjour oui non merci très bien être avoir fait plus tout même'.split(
      ' ',
    ),
  ),
  en: new Set(
    'the a an of to and is that in it for you we i he she this on with at but or so hello yes no thank thanks very well be have was were are not they do what all if my'.split(
      ' ',
    ),
  ),
};
const FRENCH_LETTERS = /[àâçéèêëîïôûùœ]|^(?:l|d|c|j|qu|n|s|m|t)['’]/;
/** How much of the evidence a further word leaves. */
const MEMORY = 0.9;
/** Evidence that makes the first choice, and that overrules one. */
const FIRST = 1;
const CHANGE = 3;

export class LanguageGuess {
  readonly #fixed: boolean;
  #current: CaptionLanguage;
  #settled = false;
  /** Positive: French. */
  #evidence = 0;

  constructor(language: StreamLanguage) {
    this.#fixed = language !== 'auto';
    this.#current = language === 'auto' ? 'en' : language;
  }

  /** The language of this word, with all that came before. */
  hear(word: string): CaptionLanguage {
    if (this.#fixed) return this.#current;
    const lower = word.toLowerCase();
    const bare = lower.replaceAll(/[^\p{L}]/gu, '');
    const french = COMMON.fr.has(bare) || FRENCH_LETTERS.test(lower);
    const english = COMMON.en.has(bare);
    this.#evidence = MEMORY * this.#evidence + Number(french) - Number(english);
    if (Math.abs(this.#evidence) >= (this.#settled ? CHANGE : FIRST)) {
      this.#current = this.#evidence > 0 ? 'fr' : 'en';
      this.#settled = true;
    }
    return this.#current;
  }
}
