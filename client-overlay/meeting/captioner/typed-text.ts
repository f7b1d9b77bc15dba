/** What of a field's text can go: whole words at once, the word being typed not yet. Pure. */
export interface TypedText {
  /** Ready to be sent. */
  readonly ready: string;
  /** Stays in the field. */
  readonly rest: string;
}

export function splitTyped(typed: string): TypedText {
  const lastSpace = typed.search(/\s\S*$/);
  if (lastSpace < 0) return { ready: '', rest: typed };
  return { ready: typed.slice(0, lastSpace).trim(), rest: typed.slice(lastSpace + 1) };
}

/** As it goes on a line: words after the first begin with a space. */
export function asPiece(words: string, lineSoFar: string): string {
  return lineSoFar === '' ? words : ` ${words}`;
}
