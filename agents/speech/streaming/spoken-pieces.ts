/** Makes text of one speaker's tokens: whole characters, no space before the first word, times that only go on. */
import type { CaptionLanguage } from '../../../protocol/caption-event.ts';
import type { SpeechEnd, SpokenText } from '../speech-engine.ts';

export class SpokenPieces {
  readonly #vocabulary: readonly (Uint8Array | null)[];
  #decoder = new TextDecoder();
  #hasText = false;
  #endMs = 0;

  constructor(vocabulary: readonly (Uint8Array | null)[]) {
    this.#vocabulary = vocabulary;
  }

  /** The text of a token heard between these times, or null: no text, or not yet a whole character. */
  say(token: number, startMs: number, endMs: number, language: CaptionLanguage): SpokenText | null {
    const bytes = this.#vocabulary[token];
    if (!bytes) return null;
    let text = this.#decoder.decode(bytes, { stream: true });
    if (!this.#hasText) text = text.trimStart();
    if (text === '') return null;
    const from = Math.max(startMs, this.#hasText ? this.#endMs : startMs);
    this.#hasText = true;
    this.#endMs = Math.max(from, endMs);
    return { type: 'text', text, startMs: from, endMs: this.#endMs, language };
  }

  /** The utterance is over: its end if anything was said. */
  end(): SpeechEnd | null {
    const end: SpeechEnd | null = this.#hasText ? { type: 'end', endMs: this.#endMs } : null;
    if (this.#hasText) this.#decoder = new TextDecoder();
    this.#hasText = false;
    return end;
  }
}
