/**
 * Follows a decoding along the previous one, to guess what it says next. A good guess saves a pass of the model
 * per token, a bad one costs a little: so it stops guessing while the two seem to have nothing in common.
 */

/** Tokens guessed at a time after a disagreement. */
const GUESS_TOKENS = 8;
/** How far ahead the draft is searched for the token that the decoding went on with. */
const SEARCH_TOKENS = 4;
/** Guesses that may fail in a row. */
const PATIENCE = 2;

export class DraftCursor {
  readonly #draft: readonly number[];
  /** Where in the draft the decoding is expected to go on. */
  #at = 0;
  #misses = 0;

  constructor(draft: readonly number[]) {
    this.#draft = draft;
  }

  /** The decoding said `token`. */
  follow(token: number): void {
    const found = this.#draft.slice(this.#at, this.#at + SEARCH_TOKENS).indexOf(token);
    if (found >= 0) {
      this.#at += found + 1;
      this.#misses = 0;
    } else {
      // Taken for another token in this one's place.
      this.#at += 1;
      this.#misses += 1;
    }
  }

  /** What it may say next. */
  guess(): readonly number[] {
    return this.#misses > PATIENCE ? [] : this.#draft.slice(this.#at, this.#at + GUESS_TOKENS);
  }
}
