/** Collects what a stream said into utterances of whole words. */
import type { SpeechEvent } from './speech/speech-engine.ts';
import type { TranscriptUtterance, TranscriptWord } from './transcript-format.ts';

export class TranscriptBuilder {
  readonly #utterances: TranscriptUtterance[] = [];
  #words: TranscriptWord[] | null = null;

  get utterances(): readonly TranscriptUtterance[] {
    return this.#utterances;
  }

  /** `heardMs`: how much of the recording had been heard when these came. */
  add(events: readonly SpeechEvent[], heardMs: number): void {
    for (const event of events) {
      if (event.type === 'end') this.#words = null;
      if (event.type !== 'text') continue;
      if (this.#words === null) {
        this.#words = [];
        this.#utterances.push({ language: event.language, words: this.#words });
      }
      const last = this.#words.at(-1);
      if (last && !event.text.startsWith(' ')) {
        // A piece without a space continues the last word.
        this.#words[this.#words.length - 1] = {
          ...last,
          text: last.text + event.text,
          endMs: event.endMs,
          heardMs,
        };
      } else {
        this.#words.push({ text: event.text.trim(), startMs: event.startMs, endMs: event.endMs, heardMs });
      }
    }
  }
}
