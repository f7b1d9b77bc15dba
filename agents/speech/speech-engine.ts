/**
 * The boundary between a meeting and whatever recognises its speech. An engine carries any number of streams,
 * one per speaker's track, and batches over them inside; a stream only pushes samples and is told, in order,
 * what was said. Everything an engine emits is final: text is never taken back.
 *
 * Implementations: `windowed/` (Whisper re-decoded over a sliding window), `streaming/` (step graphs) and `moshi/`
 * (moshi-servers elsewhere).
 */
import type { CaptionLanguage } from '../../protocol/caption-event.ts';
import { SurtitreError } from '../../runtime/errors.ts';

export type StreamLanguage = CaptionLanguage | 'auto';

export function isStreamLanguage(value: unknown): value is StreamLanguage {
  return value === 'fr' || value === 'en' || value === 'auto';
}

/** A word or a piece of one; a piece that begins a new word starts with a space. Times on the caption clock. */
export interface SpokenText {
  readonly type: 'text';
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly language: CaptionLanguage;
}

/** The speaker paused: the utterance is complete. Never emitted without text since the last one. */
export interface SpeechEnd {
  readonly type: 'end';
  readonly endMs: number;
}

/** Audio between these times was skipped because the engine could not keep up. */
export interface SpeechSkipped {
  readonly type: 'skipped';
  readonly fromMs: number;
  readonly toMs: number;
}

export type SpeechEvent = SpokenText | SpeechEnd | SpeechSkipped;

/** What one model step brought for one stream, with the times (ms on the caption clock) of its stages. */
export interface SpeechOutput {
  readonly events: readonly SpeechEvent[];
  /** End of the newest audio that the step had heard. */
  readonly audioMs: number;
  /** When the microphone reader had that audio. */
  readonly readMs: number;
  readonly gatheredMs: number;
  readonly steppedMs: number;
}

export interface SpeechStreamOptions {
  readonly language: StreamLanguage;
  /** Called on the engine owner's thread, once per step that brought something. */
  readonly onOutput: (output: SpeechOutput) => void;
}

/** Whoever can write faster than time passes (a file) waits while the stream's backlog is longer than this, in ms. */
export const LONG_BACKLOG_MS = 400;

export interface SpeechStream {
  /**
   * Takes a frame of mono 16-bit samples at {@link SpeechEngine.sampleRateHz} and copies it. `startMs` is the
   * caption-clock time of the first sample, `readMs` when the frame was read. A jump of `startMs` of more than
   * a frame is a pause. Never blocks; when the engine is behind, the oldest unheard audio goes and a
   * {@link SpeechSkipped} tells of it.
   */
  write(samples: Int16Array, startMs: number, readMs: number): void;
  /** The speaker muted: what is pending becomes text, followed by {@link SpeechEnd}. */
  flush(): void;
  /** Audio written that the engine has not taken yet: who can wait, waits while this is over {@link LONG_BACKLOG_MS}. */
  readonly backlogMs: number;
  /**
   * Calls back once all that was written so far has been said: no text comes after it that starts before it. Marks
   * are reached in order. Ends nothing; never called after {@link close}.
   */
  mark(onReached: () => void): void;
  /** Frees the stream at once; nothing is emitted for it any more. Idempotent. */
  close(): void;
}

export interface SpeechEngineStats {
  readonly openStreams: number;
  /** Streams in speech now: those that cost model steps. */
  readonly activeStreams: number;
  readonly maxActiveStreams: number;
  readonly skippedAudioMs: number;
  readonly steps: number;
  readonly missedDeadlines: number;
  /** Busy share of the model thread over the last seconds, 0 to 1. */
  readonly busy: number;
}

export interface SpeechEngine {
  readonly name: string;
  readonly sampleRateHz: number;
  /** Fails with {@link engineFull} when every stream is open. */
  openStream(options: SpeechStreamOptions): SpeechStream;
  stats(): SpeechEngineStats;
  /** Called after the outputs of one step were delivered to all its streams. One listener. */
  onStepDone(listener: () => void): void;
  /** Called once if the engine can no longer work; its owner ends the process and is restarted. */
  onFailed(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

export function engineFull(streams: number): SurtitreError {
  return new SurtitreError('engine-full', `The speech engine has all its ${streams} streams open.`);
}
