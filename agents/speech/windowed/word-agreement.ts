/**
 * Which of the agreed tokens may be said for good: append-only text must not end in half a word, nor in a word
 * that the next syllable could still change.
 */
import type { TokenText } from './token-text.ts';

export interface Hypothesis {
  /** Tokens after the committed ones. */
  readonly tokens: readonly number[];
  /** Leading tokens on which two successive decodings agree. */
  readonly agreed: number;
  /** First frame of each token, and the end of the last one. */
  readonly starts: readonly number[];
  readonly logprobs: readonly number[];
}

export interface AgreementRule {
  /** Frames of audio heard. */
  readonly windowFrames: number;
  /** Words that end within this many frames of the window's end wait: they may be cut off. */
  readonly holdBackFrames: number;
  /** Guesses wait for up to this many frames more: what follows often corrects them. */
  readonly doubtFrames: number;
}

/** From the first log-probability on a token is doubted, from the second on in full. */
const DOUBT_FROM = -0.4;
const DOUBT_FULL = -1.2;

/**
 * How many leading tokens of a hypothesis are the same words as the draft's, whatever their case and punctuation:
 * Whisper changes its mind about those all the time, and they are no reason to keep a word back.
 */
export function agreedTokens(draft: readonly number[], tokens: readonly number[], text: TokenText): number {
  const before = wordEnds(draft, text);
  let agreed = 0;
  for (const [index, { word, end }] of wordEnds(tokens, text).entries()) {
    if (before[index]?.word !== word) break;
    agreed = end;
  }
  return agreed;
}

interface WordEnd {
  /** Letters and digits only, in lower case. */
  readonly word: string;
  /** Tokens up to and with this word. */
  readonly end: number;
}

function wordEnds(tokens: readonly number[], text: TokenText): WordEnd[] {
  const words: WordEnd[] = [];
  let first = 0;
  for (let end = 1; end <= tokens.length; end++) {
    const next = tokens[end];
    if (next !== undefined && !text.beginsWord(next)) continue;
    const word = text.decode(tokens.slice(first, end)).toLowerCase().replaceAll(NEITHER_LETTER_NOR_DIGIT, '');
    words.push({ word, end });
    first = end;
  }
  return words;
}

const NEITHER_LETTER_NOR_DIGIT = /[^\p{L}\p{N}]/gu;

/** How many leading tokens to commit now. */
export function committableTokens(hypothesis: Hypothesis, rule: AgreementRule, text: TokenText): number {
  const { tokens, starts, logprobs } = hypothesis;
  let best = 0;
  for (let end = 1; end <= hypothesis.agreed; end++) {
    const doubt = ((logprobs[end - 1] ?? 0) - DOUBT_FROM) / (DOUBT_FULL - DOUBT_FROM);
    const waitFrames = rule.holdBackFrames + rule.doubtFrames * Math.min(1, Math.max(0, doubt));
    if ((starts[end] ?? Number.POSITIVE_INFINITY) > rule.windowFrames - waitFrames) break;
    if (isWordEnd(tokens, end, text)) best = end;
  }
  return best;
}

function isWordEnd(tokens: readonly number[], end: number, text: TokenText): boolean {
  const last = tokens[end - 1];
  const next = tokens[end];
  if (last === undefined) return false;
  // A sentence that seems to end where the audio does may go on: its full stop is not certain yet.
  if (next === undefined) return !text.isPunctuation(last);
  return text.beginsWord(next) || (text.closesWord(next) && !text.isPunctuation(last));
}
