/**
 * Breaks growing text into lines, greedily and for good: a word that stands on a line stays there, whatever
 * follows. Nothing here knows of pixels; `fits` decides whether a line has room.
 */

export type Fits = (line: string) => boolean;

export interface BrokenLine {
  /** Where in the source the line begins, in UTF-16 units. */
  readonly from: number;
  text: string;
  /** The line ends inside a word, which the next one goes on with. */
  split: boolean;
}

/** Space, tab, newline; not the no-break space that French puts before `?` and `»`. */
const PIECES = /[ \t\n]+|[^ \t\n]+/g;

export interface Tail {
  readonly text: string;
  /** Where in the source it begins. */
  readonly from: number;
  /** What comes before it in the source ends with a space. */
  readonly afterSpace: boolean;
}

/** Adds `tail` after the last of `lines`; `create` makes each line that it begins. */
export function breakInto<Line extends BrokenLine>(
  lines: Line[],
  tail: Tail,
  fits: Fits,
  create: (line: BrokenLine) => Line,
): void {
  let spaced = tail.afterSpace;
  for (const { 0: piece, index } of tail.text.matchAll(PIECES)) {
    if (isSpace(piece)) {
      spaced = true;
      continue;
    }
    const last = lines.at(-1);
    const joined = last && last.text + (spaced ? ' ' : '') + piece;
    if (last && joined !== undefined && fits(joined)) last.text = joined;
    else {
      if (last && !spaced) last.split = true;
      for (const line of linesOfWord(piece, tail.from + index, fits)) lines.push(create(line));
    }
    spaced = false;
  }
}

/** One line, or several where the word alone is too long. */
function linesOfWord(word: string, from: number, fits: Fits): BrokenLine[] {
  const lines: BrokenLine[] = [];
  for (let at = 0; at < word.length; ) {
    const rest = word.slice(at);
    const length = fits(rest) ? rest.length : longestPrefix(rest, fits);
    lines.push({ from: from + at, text: rest.slice(0, length), split: length < rest.length });
    at += length;
  }
  return lines;
}

/** In UTF-16 units, at least one character, never between the halves of a surrogate pair. */
function longestPrefix(word: string, fits: Fits): number {
  let length = 0;
  for (const character of word) {
    const next = length + character.length;
    if (length > 0 && !fits(word.slice(0, next))) break;
    length = next;
  }
  return length;
}

function isSpace(piece: string): boolean {
  const first = piece[0];
  return first === ' ' || first === '\t' || first === '\n';
}
