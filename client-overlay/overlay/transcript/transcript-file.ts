/**
 * A transcript as a file to keep: WebVTT with voices, SubRip, plain text, or JSON with every word's times. Times in
 * VTT and SRT count from the first word held; the other two tell the time of day.
 */
import type { CaptionGap } from '../../../protocol/caption-event.ts';
import type { CaptionUtterance } from '../caption-utterance.ts';

export const TRANSCRIPT_FORMATS = ['vtt', 'srt', 'txt', 'json'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

export const TRANSCRIPT_TYPES: Readonly<Record<TranscriptFormat, string>> = {
  vtt: 'text/vtt',
  srt: 'application/x-subrip',
  txt: 'text/plain',
  json: 'application/json',
};

export interface Transcript {
  readonly utterances: readonly CaptionUtterance[];
  readonly gaps: readonly CaptionGap[];
  /** A gap in the reader's words. */
  readonly gapText: (gap: CaptionGap) => string;
}

interface Word {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Two lines of 42, the longest that may be on a screen at once. */
const MAX_CUE_CHARACTERS = 84;
const MAX_CUE_MS = 7_000;
/** A longer pause begins another cue. */
const PAUSE_MS = 1_500;
/** A cue that ends with its last word would be gone before it is read. */
const MIN_CUE_MS = 1_000;

export function transcriptFile(format: TranscriptFormat, transcript: Transcript): string {
  switch (format) {
    case 'vtt':
      return `WEBVTT\n\n${cues(transcript, '.', voiced)
        .map((cue) => `${cue}\n\n`)
        .join('')}`;
    case 'srt':
      return cues(transcript, ',', named)
        .map((cue, index) => `${index + 1}\n${cue}\n\n`)
        .join('');
    case 'txt':
      return lines(transcript);
    case 'json':
      return json(transcript);
  }
}

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** Null: a gap. */
  readonly utterance: CaptionUtterance | null;
}

function cues(
  { utterances, gaps, gapText }: Transcript,
  decimal: string,
  write: (cue: Cue) => string,
): string[] {
  const all: Cue[] = gaps.map((gap) => ({
    startMs: gap.fromMs,
    endMs: Math.min(gap.toMs, gap.fromMs + MAX_CUE_MS),
    text: gapText(gap),
    utterance: null,
  }));
  for (const utterance of utterances) {
    for (const words of phrases(wordsOf(utterance))) {
      const [first, last] = [words[0], words.at(-1)];
      if (!first || !last) continue;
      const text = words.map((word) => word.text).join(' ');
      const endMs = Math.max(last.endMs, first.startMs + MIN_CUE_MS);
      all.push({ startMs: first.startMs, endMs, text, utterance });
    }
  }
  all.sort((one, other) => one.startMs - other.startMs);
  const zeroMs = all[0]?.startMs ?? 0;
  const time = (ms: number) => timestamp(ms - zeroMs, decimal);
  return all.map((cue) => `${time(cue.startMs)} --> ${time(cue.endMs)}\n${write(cue)}`);
}

function voiced({ text, utterance }: Cue): string {
  if (!utterance) return `<i>${escaped(text)}</i>`;
  const name = escaped(nameOf(utterance).replace(/[\r\n]+/g, ' '));
  const human = utterance.source === 'human' ? '.human' : '';
  return `<v${human} ${name}><lang ${utterance.language}>${escaped(text)}</lang></v>`;
}

function named({ text, utterance }: Cue): string {
  return utterance ? `${nameOf(utterance)}: ${text}` : `[${text}]`;
}

function lines({ utterances, gaps, gapText }: Transcript): string {
  const all = [
    ...utterances
      .filter(({ text }) => text !== '')
      .map((utterance) => ({ atMs: utterance.startMs, line: `${nameOf(utterance)}: ${utterance.text}` })),
    ...gaps.map((gap) => ({ atMs: gap.fromMs, line: `— ${gapText(gap)} —` })),
  ];
  all.sort((one, other) => one.atMs - other.atMs);
  return all.map(({ atMs, line }) => `[${clockTime(atMs)}] ${line}\n`).join('');
}

function json({ utterances, gaps }: Transcript): string {
  const spoken = utterances.map((utterance) => {
    const { speaker, language, source, startMs, endMs, text, revision } = utterance;
    const { identity, name } = speaker;
    const words = wordsOf(utterance);
    return {
      speaker: { identity, name },
      language,
      source,
      startMs,
      endMs,
      text,
      corrected: revision > 0,
      words,
    };
  });
  return `${JSON.stringify({ format: 'surtitre-transcript', version: 1, utterances: spoken, gaps }, null, 2)}\n`;
}

function wordsOf({ text, wordTimes, startMs }: CaptionUtterance): Word[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => {
      const from = wordTimes[2 * index] ?? wordTimes.at(-1) ?? 0;
      return { text: word, startMs: startMs + from, endMs: startMs + (wordTimes[2 * index + 1] ?? from) };
    });
}

function phrases(words: readonly Word[]): Word[][] {
  const found: Word[][] = [];
  let characters = 0;
  let last: Word | null = null;
  for (const word of words) {
    const phrase = found.at(-1);
    const first = phrase?.[0];
    characters += word.text.length + 1;
    const goesOn =
      phrase &&
      first &&
      last &&
      characters <= MAX_CUE_CHARACTERS &&
      word.endMs - first.startMs <= MAX_CUE_MS &&
      word.startMs - last.endMs <= PAUSE_MS;
    if (goesOn) phrase.push(word);
    else {
      found.push([word]);
      characters = word.text.length;
    }
    last = word;
  }
  return found;
}

export function nameOf({ speaker }: CaptionUtterance): string {
  return speaker.name || speaker.identity;
}

/** The time of day here, to the second. */
export function clockTime(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2)).join(':');
}

function timestamp(ms: number, decimal: string): string {
  const whole = Math.max(0, Math.round(ms));
  const seconds = Math.floor(whole / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map((part) => pad(part, 2)).join(':')}${decimal}${pad(whole % 1_000, 3)}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** As WebVTT wants it; an arrow would end the cue. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
