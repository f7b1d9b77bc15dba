/**
 * When an utterance ends although its speaker goes on. A caption row must stay short enough to be read, scrolled
 * and corrected, so a long turn is cut: past the soft limit at the end of a sentence, at the hard limit between
 * any two words. Pure; asked before each new word. Pauses are the speech engine's affair, not this rule's.
 */
export const SOFT_LIMIT = { characters: 200, ms: 15_000 } as const;
export const HARD_LIMIT = { characters: 400, ms: 30_000 } as const;

/** An utterance as it stands before the next word. */
export interface UtteranceSoFar {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The end of a sentence, also before a closing quote or bracket and a French space. */
const SENTENCE_END = /[.!?…][\s\u00a0\u202f]*["»”’')\]]*$/;

export function endsBeforeNextWord(utterance: UtteranceSoFar): boolean {
  if (reaches(utterance, HARD_LIMIT)) return true;
  return reaches(utterance, SOFT_LIMIT) && SENTENCE_END.test(utterance.text);
}

function reaches(utterance: UtteranceSoFar, limit: { characters: number; ms: number }): boolean {
  return utterance.text.length >= limit.characters || utterance.endMs - utterance.startMs >= limit.ms;
}
