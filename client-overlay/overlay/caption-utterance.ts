/**
 * One utterance as a viewer holds it, and how events change it: purely, and to nothing when they repeat. Its text
 * only grows; only a higher revision, which a human correction brings, replaces it.
 */
import type {
  CaptionLanguage,
  CaptionSource,
  Speaker,
  TextAppended,
  UtteranceClosed,
  UtteranceOpened,
  UtteranceRestored,
} from '../../protocol/caption-event.ts';

export interface CaptionUtterance {
  readonly id: number;
  readonly speaker: Speaker;
  readonly language: CaptionLanguage;
  readonly source: CaptionSource;
  readonly startMs: number;
  /** Null while the speaker has not finished. */
  readonly endMs: number | null;
  readonly text: string;
  /** Start and end of each space-separated word of `text`, in ms after `startMs`: s0, e0, s1, e1, … */
  readonly wordTimes: readonly number[];
  /** 0 as spoken; above, the text is a human correction. */
  readonly revision: number;
}

export type UtteranceEvent = UtteranceOpened | TextAppended | UtteranceClosed | UtteranceRestored;

export type UtteranceChange =
  /** A repeat, or older than what is held. */
  | { readonly type: 'none' }
  /** It is new, longer, or finished; what was there is a prefix of what is. */
  | { readonly type: 'grown'; readonly utterance: CaptionUtterance }
  /** A human correction: the text is another one. */
  | { readonly type: 'replaced'; readonly utterance: CaptionUtterance }
  /** Something before it never came: `hole`, or it contradicts what is held: `mismatch`. Nothing changed. */
  | { readonly type: 'needs-resume'; readonly reason: 'hole' | 'mismatch' };

const NONE: UtteranceChange = { type: 'none' };
const HOLE: UtteranceChange = { type: 'needs-resume', reason: 'hole' };
const MISMATCH: UtteranceChange = { type: 'needs-resume', reason: 'mismatch' };

export function changeUtterance(held: CaptionUtterance | undefined, event: UtteranceEvent): UtteranceChange {
  if (event.type === 'restored') return restore(held, event);
  if (event.type === 'opened') return held ? NONE : grown(open(event));
  if (!held) return HOLE;
  if (held.revision > 0) return NONE; // a correction stands for the whole utterance as it was spoken
  return event.type === 'appended' ? append(held, event) : close(held, event);
}

function open(event: UtteranceOpened | UtteranceRestored): CaptionUtterance {
  const { utterance: id, speaker, language, source, startMs } = event;
  return { id, speaker, language, source, startMs, endMs: null, text: '', wordTimes: [], revision: 0 };
}

function append(held: CaptionUtterance, event: TextAppended): UtteranceChange {
  const length = held.text.length;
  if (event.offset > length) return HOLE;
  const known = Math.min(event.text.length, length - event.offset);
  if (!held.text.startsWith(event.text.slice(0, known), event.offset)) return MISMATCH;
  const tail = event.text.slice(known);
  if (tail === '') return NONE;
  if (held.endMs !== null) return MISMATCH; // what is finished does not go on
  const startMs = event.startMs - held.startMs;
  const endMs = event.endMs - held.startMs;
  return grown({
    ...held,
    text: held.text + tail,
    wordTimes: extendWordTimes(held, tail, { startMs, endMs }),
  });
}

function close(held: CaptionUtterance, event: UtteranceClosed): UtteranceChange {
  if (event.length > held.text.length) return HOLE;
  if (event.length < held.text.length) return MISMATCH;
  return held.endMs === null ? grown({ ...held, endMs: event.endMs }) : NONE;
}

function restore(held: CaptionUtterance | undefined, event: UtteranceRestored): UtteranceChange {
  const { endMs, text, wordTimes, revision } = event;
  const restored: CaptionUtterance = { ...open(event), endMs, text, wordTimes, revision };
  if (!held) return grown(restored);
  if (event.revision < held.revision) return NONE;
  if (event.revision > held.revision) return { type: 'replaced', utterance: restored };
  if (text.startsWith(held.text)) {
    if (text.length > held.text.length && held.endMs !== null) return MISMATCH;
    const same = text.length === held.text.length && (held.endMs !== null || endMs === null);
    return same ? NONE : grown(restored);
  }
  return held.text.startsWith(text) && endMs === null ? NONE : MISMATCH;
}

function grown(utterance: CaptionUtterance): UtteranceChange {
  return { type: 'grown', utterance };
}

/** The tail continues the last word unless it starts with a space or begins the utterance. */
function extendWordTimes(
  held: CaptionUtterance,
  tail: string,
  piece: { readonly startMs: number; readonly endMs: number },
): number[] {
  const times = [...held.wordTimes];
  const begun = tail.split(' ').filter((part) => part !== '').length;
  const continues = held.text !== '' && !held.text.endsWith(' ') && !tail.startsWith(' ');
  if (continues && times.length > 0) times[times.length - 1] = piece.endMs;
  for (let word = continues ? 1 : 0; word < begun; word += 1) times.push(piece.startMs, piece.endMs);
  return times;
}
