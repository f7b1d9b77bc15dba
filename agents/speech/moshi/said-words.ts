/**
 * Remembers the last words of a stream, so that those which a server hears a second time are not said twice. A new
 * server hears the last moments anew, times words a little differently, and may mishear the one that it only heard
 * the end of. Pure.
 */

/** A word and its second hearing are no further apart than this. */
const SAME_WORD_MS = 600;
/** Two words that differ begin at least this far apart. */
const NEXT_WORD_MS = 120;
const REMEMBERED = 24;

interface SaidWord {
  readonly letters: string;
  readonly startMs: number;
}

export class SaidWords {
  #words: SaidWord[] = [];
  /** Words that the second hearing should bring; null when there is none. */
  #expected: SaidWord[] | null = null;

  /** Start of the last word said, or null. */
  get lastStartMs(): number | null {
    return this.#words.at(-1)?.startMs ?? null;
  }

  /** What comes from now on has been heard before, up to the last word said. */
  beginAgain(): void {
    this.#expected = [...this.#words];
  }

  /** Whether a word is new; it counts as said then. */
  accept(text: string, startMs: number): boolean {
    const word = { letters: lettersOf(text), startMs };
    if (this.#expected !== null && this.#isRepeated(word)) return false;
    this.#expected = null;
    this.#words.push(word);
    if (this.#words.length > REMEMBERED) this.#words.shift();
    return true;
  }

  #isRepeated({ letters, startMs }: SaidWord): boolean {
    const expected = this.#expected ?? [];
    const last = this.#words.at(-1);
    if (last === undefined) return false;
    let nearest = -1;
    let nearestMs = SAME_WORD_MS;
    for (const [index, word] of expected.entries()) {
      const apartMs = Math.abs(word.startMs - startMs);
      if (word.letters !== letters || apartMs > nearestMs) continue;
      nearest = index;
      nearestMs = apartMs;
    }
    if (nearest >= 0) {
      expected.splice(0, nearest + 1);
      return true;
    }
    return startMs < last.startMs + NEXT_WORD_MS;
  }
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
