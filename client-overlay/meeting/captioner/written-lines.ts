/** The captioner's last lines, as the page lists them. Pure. */
export interface WrittenLine {
  /** The number of a text of this line: what a correction names. */
  readonly sequence: number;
  /** Its newest text has this number. */
  readonly lastSequence: number;
  readonly text: string;
  readonly state: 'open' | 'ended';
  readonly corrected: boolean;
}

/** The service corrects no older ones either. */
const KEPT_LINES = 50;

export function withPiece(
  lines: readonly WrittenLine[],
  piece: { readonly sequence: number; readonly text: string; readonly end: boolean },
): readonly WrittenLine[] {
  const last = lines.at(-1);
  const state = piece.end ? 'ended' : 'open';
  if (last?.state === 'open') {
    const grown: WrittenLine = {
      ...last,
      lastSequence: piece.sequence,
      text: last.text + piece.text,
      state,
    };
    return [...lines.slice(0, -1), grown];
  }
  const line: WrittenLine = {
    sequence: piece.sequence,
    lastSequence: piece.sequence,
    text: piece.text,
    state,
    corrected: false,
  };
  return [...lines, line].slice(-KEPT_LINES);
}

/** A corrected line is ended, also for the service. */
export function withCorrection(
  lines: readonly WrittenLine[],
  correction: { readonly line: number; readonly sequence: number; readonly text: string },
): readonly WrittenLine[] {
  return lines.map((line) =>
    line.sequence === correction.line
      ? { ...line, lastSequence: correction.sequence, text: correction.text, state: 'ended', corrected: true }
      : line,
  );
}
