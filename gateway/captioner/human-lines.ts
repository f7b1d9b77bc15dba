/**
 * What one human captioner writes, as caption events. Texts are numbered, so that one sent twice changes nothing
 * and one that never came is told of. Invariant: a line is one utterance, named by the captioner and the number of
 * its first text, so that the same text gives the same utterance also on a gateway that has just started.
 */
import { createHash } from 'node:crypto';
import type {
  CaptionEvent,
  CaptionLanguage,
  Speaker,
  UtteranceRestored,
} from '../../protocol/caption-event.ts';
import { type FeedRequest, type FeedResponse, MAX_FEED_TEXT } from '../../protocol/captioner-api.ts';
import type { CaptionerGrant } from '../rooms/access-tokens.ts';

/** Lines that can still be corrected: by number of texts, the oldest forgotten first. */
const CORRECTABLE_TEXTS = 500;
const UTTERANCES_PER_CAPTIONER = 2 ** 20;
/** How long a typed character took, for word times of a line that came as a whole. */
const TYPED_MS_PER_CHARACTER = 60;

interface OpenLine {
  readonly utterance: number;
  length: number;
}

/** Why a text was not taken: what `corrects` names is not held any more, or never was. */
export class UnknownLine extends Error {
  override readonly name = 'UnknownLine';
}

/** A text without anything to see, and no line that it could end. */
export class EmptyText extends Error {
  override readonly name = 'EmptyText';
}

export class HumanLines {
  readonly #grant: CaptionerGrant;
  readonly #base: number;
  /** Utterance of each of the last texts. */
  readonly #lineOf = new Map<number, number>();
  #last: number | null = null;
  #lastAtMs = 0;
  #open: OpenLine | null = null;

  constructor(grant: CaptionerGrant) {
    this.#grant = grant;
    const digest = createHash('sha256').update(grant.captioner).digest();
    this.#base = (digest.readUInt32LE() || 1) * UTTERANCES_PER_CAPTIONER;
  }

  get nextSequence(): number {
    return (this.#last ?? 0) + 1;
  }

  /**
   * `held`: an utterance as the viewers have it. Throws {@link UnknownLine} or {@link EmptyText}, and has then changed
   * nothing.
   */
  take(
    post: FeedRequest,
    nowMs: number,
    held: (utterance: number) => UtteranceRestored | undefined,
  ): { readonly events: readonly CaptionEvent[]; readonly answer: FeedResponse } {
    const last = this.#last;
    if (last !== null && post.sequence <= last) {
      return { events: [], answer: { sequence: last, duplicate: true, missing: 0 } };
    }
    const written =
      post.corrects === undefined
        ? this.#write(post, nowMs)
        : this.#correct(post, post.corrects, nowMs, held);
    // A gateway that has just started does not know what came before.
    const missing = last === null ? 0 : post.sequence - last - 1;
    const gap: CaptionEvent = {
      type: 'gap',
      identity: this.#grant.speaker?.identity ?? null,
      fromMs: this.#lastAtMs,
      toMs: nowMs,
      reason: 'captions-lost',
    };
    this.#last = post.sequence;
    this.#lastAtMs = nowMs;
    return {
      events: missing > 0 ? [gap, ...written] : written,
      answer: { sequence: post.sequence, duplicate: false, missing },
    };
  }

  /** The captioner has stopped: a line that was not ended is now. */
  end(nowMs: number): readonly CaptionEvent[] {
    const line = this.#open;
    this.#open = null;
    return line === null
      ? []
      : [{ type: 'closed', utterance: line.utterance, length: line.length, endMs: nowMs }];
  }

  #write(post: FeedRequest, nowMs: number): readonly CaptionEvent[] {
    const { language = 'fr', end = true } = post;
    if (post.text.trim() === '') {
      if (this.#open === null || !end) throw new EmptyText('nothing written');
      this.#remember(post.sequence, this.#open.utterance);
      return this.end(nowMs);
    }
    const events: CaptionEvent[] = [];
    const tooLong = this.#open !== null && this.#open.length + post.text.length > MAX_FEED_TEXT;
    if (tooLong || post.speaker !== undefined) events.push(...this.end(nowMs));
    const isNew = this.#open === null;
    const line = this.#open ?? { utterance: this.#base + post.sequence, length: 0 };
    this.#open = line;
    const text = isNew ? post.text.trimStart() : post.text;
    const startMs = isNew ? Math.round(nowMs - text.length * TYPED_MS_PER_CHARACTER) : this.#lastAtMs;
    if (isNew) events.push(this.#opened(line.utterance, post.speaker, language, startMs));
    events.push({
      type: 'appended',
      utterance: line.utterance,
      offset: line.length,
      text,
      startMs,
      endMs: nowMs,
    });
    line.length += text.length;
    this.#remember(post.sequence, line.utterance);
    if (end) events.push(...this.end(nowMs));
    return events;
  }

  #correct(
    post: FeedRequest,
    corrects: number,
    nowMs: number,
    held: (utterance: number) => UtteranceRestored | undefined,
  ): readonly CaptionEvent[] {
    const utterance = this.#lineOf.get(corrects) ?? this.#base + corrects;
    const before = held(utterance);
    if (post.text.trim() === '') throw new EmptyText('a correction cannot be empty');
    if (before === undefined) throw new UnknownLine('no such line');
    if (this.#open?.utterance === utterance) this.#open = null;
    this.#remember(post.sequence, utterance);
    const text = post.text.trim();
    const endMs = before.endMs ?? nowMs;
    return [
      {
        ...before,
        language: post.language ?? before.language,
        endMs,
        text,
        wordTimes: sharedOut(text, endMs - before.startMs),
        revision: before.revision + 1,
      },
    ];
  }

  #opened(
    utterance: number,
    speakerName: string | undefined,
    language: CaptionLanguage,
    startMs: number,
  ): CaptionEvent {
    return {
      type: 'opened',
      utterance,
      speaker: this.#speaker(speakerName),
      language,
      source: 'human',
      startMs,
    };
  }

  #speaker(named: string | undefined): Speaker {
    const { captioner, name, speaker } = this.#grant;
    if (speaker) return { ...speaker, trackSid: '' };
    // Each name is a speaker of its own, or one colour would stand for all.
    return named === undefined
      ? { identity: captioner, name, trackSid: '' }
      : { identity: `${captioner}:${named}`, name: named, trackSid: '' };
  }

  #remember(sequence: number, utterance: number): void {
    this.#lineOf.set(sequence, utterance);
    const oldest = this.#lineOf.size > CORRECTABLE_TEXTS ? this.#lineOf.keys().next().value : undefined;
    if (oldest !== undefined) this.#lineOf.delete(oldest);
  }
}

/** Word times over a duration, by the words' lengths: nobody knows better of a corrected line. */
function sharedOut(text: string, durationMs: number): number[] {
  const words = text.split(' ');
  const length = Math.max(1, text.length - words.length + 1);
  let position = 0;
  return words.flatMap((word) => {
    const startMs = Math.round((durationMs * position) / length);
    position += word.length;
    return [startMs, Math.round((durationMs * position) / length)];
  });
}
