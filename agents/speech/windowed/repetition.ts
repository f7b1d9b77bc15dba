/**
 * Whisper's typical failure on unclear audio is to say the same thing for ever. Finds out as soon as it does.
 */

/** How often a phrase of so many tokens may be said in a row: people do repeat short ones. */
function allowedRepeats(phraseTokens: number): number {
  return phraseTokens === 1 ? 5 : phraseTokens <= 3 ? 4 : 3;
}

const LONGEST_PHRASE = 12;

/**
 * If the tokens end in a phrase repeated more often than people do, the index at which its first repeat begins
 * (so that one utterance of it can be kept), otherwise null.
 */
export function repetitionStart(tokens: readonly number[]): number | null {
  for (let phrase = 1; phrase <= LONGEST_PHRASE; phrase++) {
    const needed = phrase * allowedRepeats(phrase);
    if (tokens.length < needed) continue;
    let same = 0;
    while (same < needed - phrase) {
      const at = tokens.length - 1 - same;
      if (tokens[at] !== tokens[at - phrase]) break;
      same += 1;
    }
    if (same >= needed - phrase) return tokens.length - needed + phrase;
  }
  return null;
}
