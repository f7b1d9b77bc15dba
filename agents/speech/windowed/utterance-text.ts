/** Turns committed tokens of one utterance into text events: words with their spaces, times that only go on. */
import type { CaptionLanguage } from '../../../protocol/caption-event.ts';
import type { SpeechEvent } from '../speech-engine.ts';
import type { TokenText } from './token-text.ts';

/** The alignment gives the silence before a word to that word: none takes longer to say than this. */
const LONGEST_WORD_MS = 240;
const LONGEST_LETTER_MS = 80;

export class UtteranceText {
  readonly #text: TokenText;
  #tokens: readonly number[] = [];
  /** Caption-clock start of each token of the draft, and the end of the last. */
  #times: readonly number[] = [];
  #hasText = false;
  #endMs = 0;

  constructor(text: TokenText) {
    this.#text = text;
  }

  get hasText(): boolean {
    return this.#hasText;
  }

  /** End of the last word said. */
  get endMs(): number {
    return this.#endMs;
  }

  /** The draft as last decoded: `times` has one more entry than `tokens`. */
  setTimes(tokens: readonly number[], times: readonly number[]): void {
    this.#tokens = tokens;
    this.#times = times;
  }

  /** Says the first `count` tokens of the draft, one event a word. */
  say(count: number, language: CaptionLanguage): SpeechEvent[] {
    const events: SpeechEvent[] = [];
    let first = 0;
    for (let end = 1; end <= count; end++) {
      const next = this.#tokens[end];
      if (end < count && next !== undefined && !this.#text.beginsWord(next)) continue;
      const event = this.#piece(first, end, language);
      if (event) events.push(event);
      first = end;
    }
    this.#tokens = this.#tokens.slice(count);
    this.#times = this.#times.slice(count);
    return events;
  }

  reset(): void {
    this.#tokens = [];
    this.#times = [];
    this.#hasText = false;
  }

  #piece(first: number, end: number, language: CaptionLanguage): SpeechEvent | null {
    let text = this.#text.decode(this.#tokens.slice(first, end));
    if (!this.#hasText) text = text.trimStart();
    if (text.trim() === '') return null;
    const heardEndMs = Math.max(this.#times[end] ?? this.#endMs, this.#endMs);
    const earliestMs = heardEndMs - LONGEST_WORD_MS - LONGEST_LETTER_MS * text.length;
    const startMs = Math.max(this.#times[first] ?? this.#endMs, this.#endMs, earliestMs);
    const endMs = Math.max(heardEndMs, startMs);
    this.#hasText = true;
    this.#endMs = endMs;
    return { type: 'text', text, startMs, endMs, language };
  }
}
