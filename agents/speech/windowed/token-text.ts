/** Text of tokens: a byte-pair token is bytes, and only whole words are sure to be whole characters. */

const PUNCTUATION_ONLY = /^[\p{P}\p{S}]+$/u;
const SPACE = 0x20;

export class TokenText {
  readonly #vocabulary: readonly (Uint8Array | null)[];
  readonly #decoder = new TextDecoder();

  constructor(vocabulary: readonly (Uint8Array | null)[]) {
    this.#vocabulary = vocabulary;
  }

  /** Text of tokens as it stands, a space before each word included. Special tokens are skipped. */
  decode(tokens: readonly number[]): string {
    const parts = tokens.map((token) => this.#vocabulary[token] ?? new Uint8Array(0));
    return this.#decoder.decode(Buffer.concat(parts));
  }

  /** Whether a token starts a new word, rather than continuing the one before. */
  beginsWord(token: number): boolean {
    return this.#vocabulary[token]?.[0] === SPACE;
  }

  /** Whether a token only adds punctuation to the word before: ",", ".", "?", but not "'" or "-", which join. */
  closesWord(token: number): boolean {
    const text = this.decode([token]);
    return PUNCTUATION_ONLY.test(text) && !JOINS_WORDS.test(text);
  }

  /** Whether a token is punctuation only, with or without a space before it. */
  isPunctuation(token: number): boolean {
    return PUNCTUATION_ONLY.test(this.decode([token]).trim());
  }
}

/** Apostrophes and hyphens stand inside words; so may a decimal point, but digits after it come as one token. */
const JOINS_WORDS = /['’‑-]$/u;
