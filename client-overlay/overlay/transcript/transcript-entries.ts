/** What a transcript shows, in the order in which it was said, and which of it a person looks for. */
import type { CaptionGap } from '../../../protocol/caption-event.ts';
import type { CaptionUtterance } from '../caption-utterance.ts';

export type TranscriptEntry =
  | { readonly kind: 'utterance'; readonly key: string; readonly utterance: CaptionUtterance }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: CaptionGap }
  /** Up to here the person had read when they looked away. */
  | { readonly kind: 'last-read'; readonly key: string };

export interface TranscriptFilter {
  /** Words to find, in any case and with or without accents; empty: everything. */
  readonly query: string;
  /** Null: everybody. */
  readonly identity: string | null;
}

export const LAST_READ_KEY = 'last-read';

export function entryOf(utterance: CaptionUtterance): TranscriptEntry {
  return { kind: 'utterance', key: `u${utterance.id}`, utterance };
}

/** Both sorted by their beginning, as the transcript holds them. Utterances without a word are left out. */
export function transcriptEntries(
  utterances: readonly CaptionUtterance[],
  gaps: readonly CaptionGap[],
): TranscriptEntry[] {
  const entries: TranscriptEntry[] = [];
  let next = 0;
  const gapsUntil = (ms: number) => {
    for (let gap = gaps[next]; gap && gap.fromMs <= ms; gap = gaps[++next]) {
      entries.push({ kind: 'gap', key: `g${gap.fromMs}-${gap.toMs}-${gap.identity ?? ''}`, gap });
    }
  };
  for (const utterance of utterances) {
    if (utterance.text === '') continue;
    gapsUntil(utterance.startMs);
    entries.push(entryOf(utterance));
  }
  gapsUntil(Number.POSITIVE_INFINITY);
  return entries;
}

export function isWanted(entry: TranscriptEntry, { query, identity }: TranscriptFilter): boolean {
  if (query === '' && identity === null) return true;
  if (entry.kind !== 'utterance') return false;
  const { speaker, text } = entry.utterance;
  return (
    (identity === null || speaker.identity === identity) && (query === '' || fold(text).includes(fold(query)))
  );
}

/** Where `query` stands in `text`: from, to, from, to, …; nothing where folding moves the letters. */
export function matchesIn(text: string, query: string): number[] {
  const [folded, wanted] = [fold(text), fold(query)];
  if (wanted === '' || folded.length !== text.length) return [];
  const found: number[] = [];
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + wanted.length)) {
    found.push(at, at + wanted.length);
  }
  return found;
}

/** Without case and accents. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
