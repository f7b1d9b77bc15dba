/**
 * Whole words from what an engine says in pieces: a `Word` when it is clear that nothing more belongs to it, its
 * `EndWord` right behind. Owned by a client stream.
 */
import type { FromMoshi } from '../speech/moshi/moshi-message.ts';
import type { SpeechEvent } from '../speech/speech-engine.ts';

/** Pieces of a word come from consecutive steps: after this long the word is complete. */
const COMPLETE_AFTER_MS = 240;
const HOLDS_A_WORD = /[\p{L}\p{N}]/u;

export class WordMessages {
  readonly #send: (message: FromMoshi) => void;
  /** Caption-clock time at which the client's stream began. */
  readonly #zeroMs: number;
  #word: { text: string; readonly startMs: number; endMs: number } | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(zeroMs: number, send: (message: FromMoshi) => void) {
    this.#zeroMs = zeroMs;
    this.#send = send;
  }

  add(events: readonly SpeechEvent[]): void {
    for (const event of events) {
      if (event.type !== 'text') {
        this.flush();
      } else if (this.#word !== null && !event.text.startsWith(' ')) {
        this.#word.text += event.text;
        this.#word.endMs = event.endMs;
      } else {
        this.flush();
        this.#word = { text: event.text.trimStart(), startMs: event.startMs, endMs: event.endMs };
      }
    }
    clearTimeout(this.#timer);
    if (this.#word !== null) this.#timer = setTimeout(() => this.flush(), COMPLETE_AFTER_MS);
  }

  /** Sends the word that is still open. */
  flush(): void {
    clearTimeout(this.#timer);
    const word = this.#word;
    this.#word = null;
    // A comma on its own comes after its word was sent; clients put a space before every word.
    if (word === null || !HOLDS_A_WORD.test(word.text)) return;
    this.#send({ type: 'Word', text: word.text, startTime: this.#secondsAt(word.startMs) });
    this.#send({ type: 'EndWord', stopTime: this.#secondsAt(word.endMs) });
  }

  /** The open word is dropped. */
  close(): void {
    clearTimeout(this.#timer);
    this.#word = null;
  }

  #secondsAt(captionMs: number): number {
    return Math.max(0, Math.round(captionMs - this.#zeroMs)) / 1_000;
  }
}
