/** A recording to be recognised, by either engine, and what it is told. */
import type { SpeechEvent, StreamLanguage } from './speech-engine.ts';

export interface Recording {
  /** Mono samples at the model's rate, in pieces of any length. */
  readonly samples: AsyncIterable<Int16Array> | Iterable<Int16Array>;
  readonly language: StreamLanguage;
  /** `heardMs`: how much of the recording had been heard when this was said. Times count from its beginning. */
  readonly onEvents: (events: readonly SpeechEvent[], heardMs: number) => void;
  readonly onProgress?: (heardMs: number) => void;
}

/** Recognises recordings as fast as the model goes, with the decisions that would be taken live. */
export interface Recogniser {
  readonly sampleRateHz: number;
  /** Side by side, in one batch. Times in events count from the beginning of each recording. */
  recognise(recordings: readonly Recording[]): Promise<void>;
  close(): Promise<void>;
}
