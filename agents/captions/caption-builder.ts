/**
 * What one speaker's stream said becomes utterances: opened at the first word, appended to, closed once. Owns the
 * offset invariant: the pieces of an utterance join to its text without holes. Times leave it as whole
 * milliseconds, which take a fraction of the bytes. Called by the caption pipeline.
 */
import type { CaptionEvent, CaptionLanguage, Speaker } from '../../protocol/caption-event.ts';
import type { SpeechEvent, SpokenText } from '../speech/speech-engine.ts';
import { endsBeforeNextWord } from './endpoint-rule.ts';

export interface CaptionBuilderOptions {
  /** Read when an utterance opens: a participant may change its name. */
  readonly speaker: () => Speaker;
  readonly nextUtterance: () => number;
  readonly onEvent: (event: CaptionEvent) => void;
}

interface OpenUtterance {
  readonly id: number;
  readonly language: CaptionLanguage;
  readonly startMs: number;
  text: string;
  endMs: number;
}

export class CaptionBuilder {
  readonly #options: CaptionBuilderOptions;
  #open: OpenUtterance | null = null;

  constructor(options: CaptionBuilderOptions) {
    this.#options = options;
  }

  /** An utterance waits for its end. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  handleSpeech(event: SpeechEvent): void {
    if (event.type === 'text') this.#append(event);
    else if (event.type === 'end') this.#close(event.endMs);
    else this.#skip(event.fromMs, event.toMs);
  }

  /** The stream is over: what is open is complete. */
  close(): void {
    if (this.#open) this.#close(this.#open.endMs);
  }

  #append(spoken: SpokenText): void {
    const beginsWord = spoken.text.startsWith(' ');
    if (this.#open && beginsWord && this.#endsBefore(spoken, this.#open)) this.close();
    const text = this.#open ? spoken.text : spoken.text.trimStart();
    if (text === '') return;
    this.#open ??= this.#openAt(spoken);
    const { id, text: before } = this.#open;
    this.#open.text += text;
    const startMs = Math.round(spoken.startMs);
    const endMs = Math.max(startMs, Math.round(spoken.endMs));
    this.#open.endMs = Math.max(this.#open.endMs, endMs);
    this.#options.onEvent({
      type: 'appended',
      utterance: id,
      offset: before.length,
      text,
      startMs,
      endMs,
    });
  }

  #endsBefore(spoken: SpokenText, open: OpenUtterance): boolean {
    return open.language !== spoken.language || endsBeforeNextWord(open);
  }

  #openAt({ language, startMs: spokenMs }: SpokenText): OpenUtterance {
    const startMs = Math.round(spokenMs);
    const id = this.#options.nextUtterance();
    const speaker = this.#options.speaker();
    this.#options.onEvent({ type: 'opened', utterance: id, speaker, language, source: 'machine', startMs });
    return { id, language, startMs, text: '', endMs: startMs };
  }

  /** Text after a gap may lack its beginning, so it starts a new utterance on the other side of it. */
  #skip(fromMs: number, toMs: number): void {
    this.close();
    const { identity } = this.#options.speaker();
    this.#options.onEvent({
      type: 'gap',
      identity,
      fromMs: Math.round(fromMs),
      toMs: Math.round(toMs),
      reason: 'overload',
    });
  }

  #close(endMs: number): void {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    this.#options.onEvent({
      type: 'closed',
      utterance: open.id,
      length: open.text.length,
      endMs: Math.max(open.endMs, Math.round(endMs)),
    });
  }
}
