/** Prints words as they come, a line for each turn of a speaker. */
import type { SpokenWord } from './spoken-words.ts';

export class WordPrinter {
  readonly #out: { write(text: string): unknown };
  #speaker: string | null = null;

  constructor(out: { write(text: string): unknown }) {
    this.#out = out;
  }

  print({ identity, name, text, continues }: SpokenWord): void {
    if (identity !== this.#speaker) {
      // The rest of a word whose line was interrupted starts a new line with dots.
      this.#out.write(`${this.#speaker === null ? '' : '\n'}${name}: ${continues ? '…' : ''}${text}`);
      this.#speaker = identity;
    } else {
      this.#out.write(continues ? text : ` ${text}`);
    }
  }

  end(): void {
    if (this.#speaker !== null) this.#out.write('\n');
    this.#speaker = null;
  }
}
