/**
 * Cuts the captions of a room into pieces for receivers that know LiveKit transcriptions only. Such a receiver
 * shows each segment once and for good (La Suite Meet ignores later versions of one), so a phrase holds whole
 * words: the last word waits until the next one begins or the utterance closes. Pure state, no sending.
 */
import type { CaptionEvent, CaptionLanguage, Speaker } from '../../protocol/caption-event.ts';

export interface Phrase {
  readonly speaker: Speaker;
  readonly language: CaptionLanguage;
  readonly utterance: number;
  /** Counts within the utterance from 0. */
  readonly index: number;
  /** New words, without leading space. */
  readonly text: string;
  /** The utterance up to and with this phrase. */
  readonly textSoFar: string;
  readonly startMs: number;
  readonly endMs: number;
  /** The utterance is complete. `text` may then be empty. */
  readonly final: boolean;
}

interface OpenText {
  readonly speaker: Speaker;
  readonly language: CaptionLanguage;
  text: string;
  /** Length of what phrases were made of. */
  told: number;
  phrases: number;
  fromMs: number;
  toMs: number;
}

export class TranscriptionPhrases {
  /** Bounded by the open microphones of the room: each closes its utterance before it opens another. */
  readonly #open = new Map<number, OpenText>();

  /** Takes the events of one step and returns the phrases that they complete. */
  take(events: readonly CaptionEvent[]): Phrase[] {
    const phrases: Phrase[] = [];
    const touched = new Set<number>();
    for (const event of events) {
      if (event.type === 'opened') this.#openText(event);
      else if (event.type === 'appended') {
        this.#append(event);
        touched.add(event.utterance);
      } else if (event.type === 'closed') {
        touched.delete(event.utterance);
        this.#cut(event.utterance, true, phrases);
        this.#open.delete(event.utterance);
      }
    }
    for (const utterance of touched) this.#cut(utterance, false, phrases);
    return phrases;
  }

  #openText(event: CaptionEvent & { type: 'opened' }): void {
    const { utterance, speaker, language, startMs } = event;
    const counters = { text: '', told: 0, phrases: 0, fromMs: startMs, toMs: startMs };
    this.#open.set(utterance, { speaker, language, ...counters });
  }

  #append(event: CaptionEvent & { type: 'appended' }): void {
    const open = this.#open.get(event.utterance);
    if (!open) return;
    if (open.text.length === open.told) open.fromMs = event.startMs;
    open.text += event.text;
    open.toMs = event.endMs;
  }

  #cut(utterance: number, final: boolean, phrases: Phrase[]): void {
    const open = this.#open.get(utterance);
    if (!open) return;
    const end = final ? open.text.length : open.text.lastIndexOf(' ');
    if (end <= open.told && !final) return;
    const { speaker, language } = open;
    phrases.push({
      speaker,
      language,
      utterance,
      index: open.phrases,
      text: open.text.slice(open.told, end).trimStart(),
      textSoFar: open.text.slice(0, end),
      startMs: open.fromMs,
      endMs: open.toMs,
      final,
    });
    open.phrases += 1;
    open.told = end;
    open.fromMs = open.toMs;
  }
}
