/**
 * How a row of a graph's token output is read: which tokens are text, and which one is fed back. One rule a slot,
 * because rules remember the token before. Pure: no clock, no audio.
 */
import type { CaptionLanguage } from '../../../protocol/caption-event.ts';
import type { ElementArray } from './slot-array.ts';
import type { StepText } from './step-manifest.ts';

/** Takes a token that is text; `place` counts the labels of a step from 0. */
export type HandlePiece = (token: number, place: number) => void;

export interface TokenRule {
  /** What is spoken, told or heard; null until it is known. */
  readonly language: CaptionLanguage | null;
  /** A new stream begins. Null: the rule is to find out, which only those of models with `languageSteps` do. */
  restart(language: CaptionLanguage | null): void;
  /**
   * Reads row `row`. Calls `onPiece` for what is text and returns the token that the next step is given, or null if
   * the step brought none. `width`: numbers per element of `output`. Without `onPiece` the model has heard too little
   * for its answer to mean anything.
   */
  read(output: ElementArray, row: number, width: number, onPiece: HandlePiece | null): number | null;
}

export function createTokenRule(text: StepText): TokenRule {
  switch (text.rule) {
    case 'delayed-streams':
      return new DelayedStreamsRule(text);
    case 'ctc':
      return new CtcRule(text);
    case 'token-or-wait':
      return new TokenOrWaitRule(text);
  }
}

class DelayedStreamsRule implements TokenRule {
  readonly language = null;
  readonly #text: Extract<StepText, { rule: 'delayed-streams' }>;

  constructor(text: Extract<StepText, { rule: 'delayed-streams' }>) {
    this.#text = text;
  }

  restart(): void {}

  read(output: ElementArray, row: number, width: number, onPiece: HandlePiece | null): number {
    const token = output[row * width] as number;
    if (token !== this.#text.pad && token !== this.#text.wordEnd) onPiece?.(token, 0);
    return token;
  }
}

class CtcRule implements TokenRule {
  readonly language = null;
  readonly #text: Extract<StepText, { rule: 'ctc' }>;
  #last: number;

  constructor(text: Extract<StepText, { rule: 'ctc' }>) {
    this.#text = text;
    this.#last = text.blank;
  }

  restart(): void {
    this.#last = this.#text.blank;
  }

  read(output: ElementArray, row: number, width: number, onPiece: HandlePiece | null): null {
    if (!onPiece) return null;
    const { perStep, blank } = this.#text;
    for (let i = 0; i < perStep; i++) {
      const label = output[(row * perStep + i) * width] as number;
      if (label !== blank && label !== this.#last) onPiece(label, i);
      this.#last = label;
    }
    return null;
  }
}

/** The same token so many times in a row is speech ("no, no, no"); more of it is a decoder that has lost its place. */
const MOST_REPEATS = 4;

class TokenOrWaitRule implements TokenRule {
  readonly #text: Extract<StepText, { rule: 'token-or-wait' }>;
  #language: CaptionLanguage | null = null;
  #prompt: readonly number[] = [];
  #prompted = 0;
  #steps = 0;
  #last: number | null = null;
  #repeats = 0;

  constructor(text: Extract<StepText, { rule: 'token-or-wait' }>) {
    this.#text = text;
  }

  get language(): CaptionLanguage | null {
    return this.#language;
  }

  restart(language: CaptionLanguage | null): void {
    this.#speak(language);
    this.#steps = 0;
    this.#last = null;
    this.#repeats = 0;
  }

  read(output: ElementArray, row: number, width: number, onPiece: HandlePiece | null): number | null {
    this.#steps += 1;
    if (this.#language === null) {
      if (this.#steps < (this.#text.languageSteps ?? 0)) return null;
      this.#speak(this.#heard(output[row * width] as number));
    }
    const forced = this.#prompt[this.#prompted];
    if (forced !== undefined) {
      this.#prompted += 1;
      return forced;
    }
    const token = output[row * width] as number;
    if (token === this.#text.wait || !onPiece || !this.#isNew(token)) return null;
    onPiece(token, 0);
    return token;
  }

  /** A token that is refused is a wait: the next step, which has heard more, is asked again. */
  #isNew(token: number): boolean {
    if (token === this.#last && this.#repeats === MOST_REPEATS) return false;
    this.#repeats = token === this.#last ? this.#repeats + 1 : 1;
    this.#last = token;
    return true;
  }

  #speak(language: CaptionLanguage | null): void {
    this.#language = language;
    this.#prompt = (language && this.#text.prompt?.[language]) ?? [];
    this.#prompted = 0;
  }

  #heard(token: number): CaptionLanguage {
    return token === this.#text.prompt?.en[0] ? 'en' : 'fr';
  }
}
