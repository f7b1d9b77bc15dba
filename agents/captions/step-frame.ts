/**
 * Gathers what all speakers of a room said in one model step, so that the room gets one frame a step and not one
 * a speaker. The caller says when the step is over. Bounded by what one step can bring.
 */
import type { CaptionEvent, CaptionSink, StageTimes } from '../../protocol/caption-event.ts';
import type { SpeechOutput } from '../speech/speech-engine.ts';

export class StepFrame {
  readonly #sink: CaptionSink;
  #events: CaptionEvent[] = [];
  #newest: SpeechOutput | null = null;

  constructor(sink: CaptionSink) {
    this.#sink = sink;
  }

  add(event: CaptionEvent): void {
    this.#events.push(event);
  }

  /** The stage times of a frame are those of the newest audio in it. */
  addTimes(output: SpeechOutput): void {
    if (this.#newest === null || output.audioMs > this.#newest.audioMs) this.#newest = output;
  }

  /** Hands over what was gathered; nothing happens when that is nothing. */
  send(): void {
    const newest = this.#newest;
    this.#newest = null;
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#sink(events, newest && stageTimes(newest));
  }
}

function stageTimes({ audioMs: heardMs, readMs, gatheredMs, steppedMs }: SpeechOutput): StageTimes {
  const audioMs = Math.round(heardMs);
  const microsecondsAfter = (ms: number) => Math.max(0, Math.round((ms - audioMs) * 1000));
  return {
    audioMs,
    readUs: microsecondsAfter(readMs),
    gatheredUs: microsecondsAfter(gatheredMs),
    steppedUs: microsecondsAfter(steppedMs),
    sentUs: 0,
    receivedUs: 0,
    publishedUs: 0,
  };
}
