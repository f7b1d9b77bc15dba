/**
 * Where to cut a window that has grown long: at the beginning of a committed word, so that the words after it can
 * stay as a prefix. Cut right behind the last word, Whisper hears its echo and says it twice.
 */
import type { TokenText } from './token-text.ts';

export interface TrimPoint {
  /** First frame to keep. */
  readonly frame: number;
  /** Index of the first committed token to keep; all of them go if it is their number. */
  readonly token: number;
}

/** Kept before a word's beginning, because alignments are only so exact. */
const MARGIN_FRAMES = 3;

const SENTENCE_END = /[.!?…]$/;

/**
 * The latest beginning of a committed word that leaves `keepFrames` of committed audio, or, if there is one after
 * the first third, the beginning of the sentence before it. Null when no word can go.
 *
 * @param starts first frame of each committed token, then of what follows them
 */
export function trimPoint(
  committed: readonly number[],
  starts: readonly number[],
  keepFrames: number,
  text: TokenText,
): TrimPoint | null {
  const end = starts[committed.length] ?? 0;
  let latest: TrimPoint | null = null;
  let sentence: TrimPoint | null = null;
  for (const [token, id] of committed.entries()) {
    const start = starts[token] ?? 0;
    if (start > end - keepFrames) break;
    if (token === 0 || !text.beginsWord(id)) continue;
    latest = { frame: Math.max(0, start - MARGIN_FRAMES), token };
    if (SENTENCE_END.test(text.decode(committed.slice(token - 1, token)))) sentence = latest;
  }
  return sentence && sentence.frame > end / 3 ? sentence : latest;
}
