/**
 * The language of what a speaker says, for models that do not tell. Fixed by the room or the speaker, or guessed
 * from the function words of the utterances before: a caption has its language from its first word on.
 */
import type { CaptionLanguage } from '../../../protocol/caption-event.ts';
import type { StreamLanguage } from '../speech-engine.ts';

const FUNCTION_WORDS: Readonly<Record<CaptionLanguage, ReadonlySet<string>>> = {
  fr: new Set(
    'le la les un une des du de et est que qui je tu il elle nous vous pas ne ce dans pour sur'.split(' '),
  ),
  en: new Set('the a an of and is are that who i you he she we they not this in for on to it was'.split(' ')),
};

export class SpokenLanguage {
  readonly #fixed: boolean;
  #current: CaptionLanguage;
  #isKnown: boolean;

  /** `spoken`: what the model knows, the likeliest first. */
  constructor(language: StreamLanguage, spoken: readonly CaptionLanguage[]) {
    this.#fixed = language !== 'auto' || spoken.length === 1;
    this.#current = language === 'auto' ? (spoken[0] ?? 'fr') : language;
    this.#isKnown = this.#fixed;
  }

  get current(): CaptionLanguage {
    return this.#current;
  }

  /** False before anything was heard: then {@link current} is only the likeliest. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** The model has heard what is spoken. */
  handleHeard(language: CaptionLanguage): void {
    if (this.#fixed) return;
    this.#current = language;
    this.#isKnown = true;
  }

  /** An utterance is complete: the next one is in the language whose words it had most of. */
  hear(utterance: string): void {
    if (this.#fixed) return;
    const words = utterance.toLowerCase().split(/[^\p{L}]+/u);
    const count = (language: CaptionLanguage): number =>
      words.filter((word) => FUNCTION_WORDS[language].has(word)).length;
    const lead = count('fr') - count('en');
    if (lead !== 0) this.handleHeard(lead > 0 ? 'fr' : 'en');
  }
}
