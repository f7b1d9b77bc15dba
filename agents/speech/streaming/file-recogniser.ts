/** Runs the streaming engine over recordings: the live one, given audio as fast as it takes it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Recogniser, Recording } from '../recording.ts';
import { LONG_BACKLOG_MS } from '../speech-engine.ts';
import { createStreamingEngine, type StreamingEngine } from './streaming-engine.ts';
import { STREAMING } from './streaming-settings.ts';

const FRAME_MS = 80;
const LOOK_AGAIN_MS = 2;

export interface FileRecogniserOptions {
  readonly modelFolder: string;
  /** Of ONNX Runtime. */
  readonly threads: number;
  /** As in {@link createStreamingEngine}. */
  readonly maxSlots?: number;
  /** As in {@link createStreamingEngine}. */
  readonly workerUrl?: URL;
}

export class FileRecogniser implements Recogniser {
  readonly #engine: StreamingEngine;

  private constructor(engine: StreamingEngine) {
    this.#engine = engine;
  }

  static async open(options: FileRecogniserOptions): Promise<FileRecogniser> {
    // A recording whose next piece is long in coming, because another is being decoded, has not paused.
    const stalledMs = Number.POSITIVE_INFINITY;
    return new FileRecogniser(await createStreamingEngine({ ...options, workers: 1, stalledMs }));
  }

  get sampleRateHz(): number {
    return this.#engine.sampleRateHz;
  }

  /** As many side by side as the machine carries: live, a speaker without a place loses audio; a recording can wait. */
  async recognise(recordings: readonly Recording[]): Promise<void> {
    const waiting = recordings.values();
    const recogniseNext = async (): Promise<void> => {
      for (const recording of waiting) await this.#recogniseOne(recording);
    };
    const places = Math.min(recordings.length, this.#engine.stats().maxActiveStreams);
    await Promise.all(Array.from({ length: places }, recogniseNext));
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  async #recogniseOne({ samples, language, onEvents, onProgress }: Recording): Promise<void> {
    const stream = this.#engine.openStream({
      language,
      onOutput: ({ events, audioMs }) => onEvents(events, audioMs),
    });
    const frame = (this.sampleRateHz * FRAME_MS) / 1000;
    let heardMs = 0;
    const hear = async (part: Int16Array): Promise<void> => {
      while (stream.backlogMs > LONG_BACKLOG_MS) await pause(LOOK_AGAIN_MS);
      const endMs = heardMs + (part.length * 1000) / this.sampleRateHz;
      stream.write(part, heardMs, endMs);
      heardMs = endMs;
    };
    for await (const piece of samples) {
      for (let at = 0; at < piece.length; at += frame) await hear(piece.subarray(at, at + frame));
      onProgress?.(heardMs);
    }
    // The last utterance ends as it would have ended live: by the silence after it.
    const silence = new Int16Array(frame);
    for (let ms = 0; ms <= STREAMING.endMs; ms += FRAME_MS) await hear(silence);
    stream.flush();
    await new Promise<void>((resolve) => stream.mark(resolve));
    stream.close();
  }
}
