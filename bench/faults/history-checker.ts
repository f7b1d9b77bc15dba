/**
 * Judges what a viewer was shown against what was said. At every moment its view is a prefix: who has a word has
 * all words before it. What is missing lies in the time of a gap that the viewer was told of; and what is there is
 * what was said, in order.
 *
 * A hole may be marked or filled a moment after the words behind it have come: when Redis has lost a room, a node that
 * never had it cannot know that something is missing, until one that had tells it.
 */
import type { CaptionLines } from '../../client-overlay/overlay/caption-lines.ts';

export interface SpokenWord {
  readonly utterance: number;
  readonly offset: number;
  /** With its leading space. */
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** By an agent that died before any gateway heard of it: nobody was told that captions are being made. */
  readonly isUnheard: boolean;
}

export type Verdict =
  /** `isHole`: there are words behind what is missing and not marked. */
  { readonly fault: string; readonly isHole: boolean } | { readonly fault: null; readonly isWhole: boolean };

/** `isSettled`: everything has had its time to arrive, so nothing may be missing without a gap. */
export function judge(spoken: readonly SpokenWord[], lines: CaptionLines, isSettled: boolean): Verdict {
  const said = new Map<number, string>();
  for (const { utterance, text } of spoken) said.set(utterance, (said.get(utterance) ?? '') + text);
  const shown = new Map(lines.utterances.map(({ id, text }) => [id, text]));
  for (const [utterance, text] of shown) {
    const whole = said.get(utterance);
    if (whole === undefined) return { fault: `utterance ${utterance} was never said`, isHole: false };
    if (!isInOrder(text, whole))
      return { fault: `utterance ${utterance} says something else`, isHole: false };
  }
  let firstMissing: SpokenWord | null = null;
  for (const word of spoken) {
    if (isShown(word, shown.get(word.utterance), said.get(word.utterance) ?? '')) {
      if (firstMissing && !isMarked(firstMissing, lines)) {
        const fault = `a word of utterance ${word.utterance} came without one before it`;
        return { fault, isHole: true };
      }
    } else if (word.isUnheard) {
    } else if (isSettled && !isMarked(word, lines)) {
      const fault = `a word of utterance ${word.utterance} at ${word.offset} is missing without a mark`;
      return { fault, isHole: false };
    } else firstMissing ??= word;
  }
  return { fault: null, isWhole: firstMissing === null };
}

function isShown({ offset, text }: SpokenWord, shown: string | undefined, said: string): boolean {
  if (shown === undefined) return false;
  if (said.startsWith(shown)) return shown.length >= offset + text.length;
  return shown.split(' ').includes(text.trim());
}

/** Words are unique, so one list of them is enough. */
function isInOrder(shown: string, said: string): boolean {
  if (said.startsWith(shown)) return true;
  let at = 0;
  const words = said.split(' ');
  return shown.split(' ').every((word) => {
    at = words.indexOf(word, at) + 1;
    return at > 0;
  });
}

function isMarked({ startMs, endMs }: SpokenWord, lines: CaptionLines): boolean {
  return lines.gaps.some(({ fromMs, toMs }) => fromMs <= endMs + 1 && toMs >= startMs - 1);
}
