/** Ways to write a transcript down: plain text, JSON, WebVTT and SubRip. Pure functions of what was said. */
import type { CaptionLanguage } from '../protocol/caption-event.ts';

export interface TranscriptWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** How much of the recording had been heard when the word was final. */
  readonly heardMs: number;
}

export interface TranscriptUtterance {
  readonly language: CaptionLanguage;
  readonly words: readonly TranscriptWord[];
}

export interface Transcript {
  readonly file: string;
  readonly durationMs: number;
  readonly utterances: readonly TranscriptUtterance[];
}

/** Longest cue of subtitles: two lines of what viewers read comfortably. */
const CUE_CHARACTERS = 84;
const CUE_MS = 6_000;

export function utteranceText(utterance: TranscriptUtterance): string {
  return utterance.words.map((word) => word.text).join(' ');
}

export function formatText(transcript: Transcript): string {
  return transcript.utterances.map((utterance) => `${utteranceText(utterance)}\n`).join('');
}

/** One JSON document of any number of transcripts. */
export function formatJson(transcripts: readonly Transcript[]): string {
  const files = transcripts.map(({ file, durationMs, utterances }) => ({
    file,
    durationMs: Math.round(durationMs),
    text: utterances.map(utteranceText).join(' '),
    utterances: utterances.map((utterance) => ({
      language: utterance.language,
      text: utteranceText(utterance),
      words: utterance.words.map(({ text, startMs, endMs, heardMs }) => ({
        text,
        startMs: Math.round(startMs),
        endMs: Math.round(endMs),
        heardMs: Math.round(heardMs),
      })),
    })),
  }));
  return `${JSON.stringify({ files }, null, 2)}\n`;
}

export function formatVtt(transcript: Transcript): string {
  const cues = cuesOf(transcript).map(
    ({ startMs, endMs, text }) => `${clock(startMs, '.')} --> ${clock(endMs, '.')}\n${escapeMarkup(text)}\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
}

export function formatSrt(transcript: Transcript): string {
  return cuesOf(transcript)
    .map(
      ({ startMs, endMs, text }, index) =>
        `${index + 1}\n${clock(startMs, ',')} --> ${clock(endMs, ',')}\n${text}\n`,
    )
    .join('\n');
}

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/** Utterances cut into cues that can be read: by length and by time, never within a word. */
function cuesOf(transcript: Transcript): Cue[] {
  const cues: Cue[] = [];
  for (const { words } of transcript.utterances) {
    let cue: Cue | null = null;
    for (const { text, startMs, endMs } of words) {
      const longer: string = cue ? `${cue.text} ${text}` : text;
      if (cue && longer.length <= CUE_CHARACTERS && endMs - cue.startMs <= CUE_MS) {
        cue = { startMs: cue.startMs, endMs, text: longer };
      } else {
        if (cue) cues.push(cue);
        cue = { startMs, endMs, text };
      }
    }
    if (cue) cues.push(cue);
  }
  return cues;
}

/** hh:mm:ss and milliseconds after `separator`. */
function clock(ms: number, separator: string): string {
  const whole = Math.round(ms);
  const part = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
  const [hours, minutes, seconds] = [whole / 3_600_000, (whole / 60_000) % 60, (whole / 1000) % 60];
  return `${part(hours, 2)}:${part(minutes, 2)}:${part(seconds, 2)}${separator}${part(whole % 1000, 3)}`;
}

/** WebVTT reads markup in its text. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
