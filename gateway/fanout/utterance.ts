/** One utterance as the gateway holds it, and how its text and word times grow. */
import type {
  CaptionLanguage,
  CaptionSource,
  Speaker,
  TextAppended,
  UtteranceOpened,
  UtteranceRestored,
} from '../../protocol/caption-event.ts';

export interface Utterance {
  readonly id: number;
  readonly speaker: Speaker;
  readonly language: CaptionLanguage;
  readonly source: CaptionSource;
  readonly startMs: number;
  endMs: number | null;
  text: string;
  /** Start and end of each word of `text`, in ms after `startMs`. */
  wordTimes: number[];
  revision: number;
  /** Characters that the agent counted but that never came: its offsets minus this are offsets into `text`. */
  lost: number;
  /** The last frame that changed it. */
  changedSeq: number;
  /** Gateway time of that change: what history is trimmed by. */
  changedAtMs: number;
}

export function utteranceOpened(event: Omit<UtteranceOpened, 'type'>): Utterance {
  const { utterance: id, speaker, language, source, startMs } = event;
  return {
    id,
    speaker,
    language,
    source,
    startMs,
    endMs: null,
    text: '',
    wordTimes: [],
    revision: 0,
    lost: 0,
    changedSeq: 0,
    changedAtMs: 0,
  };
}

export function utteranceRestored(event: UtteranceRestored): Utterance {
  const { endMs, text, wordTimes, revision } = event;
  return { ...utteranceOpened(event), endMs, text, wordTimes: [...wordTimes], revision };
}

export function restoredEvent(utterance: Utterance): UtteranceRestored {
  return {
    type: 'restored',
    utterance: utterance.id,
    speaker: utterance.speaker,
    language: utterance.language,
    source: utterance.source,
    startMs: utterance.startMs,
    endMs: utterance.endMs,
    text: utterance.text,
    wordTimes: utterance.wordTimes,
    revision: utterance.revision,
  };
}

export function openedEvent(utterance: Utterance): UtteranceOpened {
  const { id, speaker, language, source, startMs } = utterance;
  return { type: 'opened', utterance: id, speaker, language, source, startMs };
}

/** As it would be if nothing of what was said so far had come; its agent's offsets still hold. */
export function withoutText(utterance: Utterance): Utterance {
  const lost = utterance.lost + utterance.text.length;
  return { ...utteranceOpened(openedEvent(utterance)), lost };
}

/** Adds `piece.text` at the end. Its time is shared out over its words by their length. */
export function appendPiece(
  utterance: Utterance,
  piece: Pick<TextAppended, 'text' | 'startMs' | 'endMs'>,
): void {
  const startsWord = utterance.text === '' || piece.text.startsWith(' ');
  const words = piece.text.split(' ');
  if (utterance.text !== '' && piece.text.startsWith(' ')) words.shift();
  const length = Math.max(
    1,
    words.reduce((sum, word) => sum + word.length, 0),
  );
  const atChar = (position: number): number =>
    Math.round(piece.startMs + ((piece.endMs - piece.startMs) * position) / length - utterance.startMs);
  let position = 0;
  for (const [index, word] of words.entries()) {
    const endMs = atChar(position + word.length);
    if (index === 0 && !startsWord) utterance.wordTimes[utterance.wordTimes.length - 1] = endMs;
    else utterance.wordTimes.push(atChar(position), endMs);
    position += word.length;
  }
  utterance.text += piece.text;
}

/** When its last word ended, on the caption clock. */
export function lastWordEndMs(utterance: Utterance): number {
  return utterance.startMs + (utterance.wordTimes.at(-1) ?? 0);
}
