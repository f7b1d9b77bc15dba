/**
 * Reads one subscribed audio track as mono 16-bit frames with their caption-clock times. Owned by a caption
 * pipeline; one reader per subscription of a track.
 *
 * rtc-node's stream queues without a bound and without looking at demand. The reader never waits for its consumer,
 * so that queue only grows while the event loop stands still; what is then older than `maxBacklogMs` is dropped,
 * oldest first, and counted.
 */
import { AudioStream, type RemoteTrack } from '@livekit/rtc-node';
import { nowMs } from '../../runtime/clock.ts';
import { SampleClock } from './sample-clock.ts';

const MAX_BACKLOG_MS = 2_000;

export interface MicrophoneReaderOptions {
  readonly track: RemoteTrack;
  readonly sampleRateHz: number;
  /** 20 to 80: smaller frames arrive earlier and cost more (every frame visits every stream). */
  readonly frameMs: number;
  /** `samples` is only valid during the call. */
  readonly onFrame: (samples: Int16Array, startMs: number, readMs: number) => void;
  readonly onDropped: (audioMs: number) => void;
}

export class MicrophoneReader {
  readonly #options: MicrophoneReaderOptions;
  readonly #reader: ReadableStreamDefaultReader<{ readonly data: Int16Array }>;
  readonly #clock: SampleClock;
  #lastReadMs = 0;
  #closed = false;

  constructor(options: MicrophoneReaderOptions) {
    this.#options = options;
    const { track, sampleRateHz, frameMs } = options;
    const stream = new AudioStream(track, { sampleRate: sampleRateHz, numChannels: 1, frameSizeMs: frameMs });
    this.#reader = stream.getReader();
    this.#clock = new SampleClock(sampleRateHz, frameMs);
    void this.#readAll();
  }

  /** No frame is handed over after this. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Rejects only when the stream is already gone, which is what is wanted.
    this.#reader.cancel().catch(() => {});
  }

  async #readAll(): Promise<void> {
    while (!this.#closed) {
      const { done, value } = await this.#reader.read();
      if (done || this.#closed) return;
      this.#handleFrame(value.data);
    }
  }

  #handleFrame(samples: Int16Array): void {
    const readMs = nowMs();
    const inBurst = readMs - this.#lastReadMs < this.#options.frameMs / 4;
    this.#lastReadMs = readMs;
    if (inBurst && this.#clock.delayMs(samples.length, readMs) > MAX_BACKLOG_MS) {
      this.#clock.skipFrame(samples.length);
      this.#options.onDropped((samples.length / this.#options.sampleRateHz) * 1000);
      return;
    }
    this.#options.onFrame(samples, this.#clock.handleFrame(samples.length, readMs), readMs);
  }
}
