/**
 * One stream of a client in the engine: audio in at any rate, the messages of a moshi-server out. Its clock begins
 * with its first sample and counts samples, however fast they come. Used by both ways in, socket and file.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { nowMs } from '../../runtime/clock.ts';
import { toInt16 } from '../audio/int16-samples.ts';
import { createResampler, type Resampler } from '../audio/resample.ts';
import {
  type FromMoshi,
  type MarkerId,
  MOSHI_FRAME_MS,
  MOSHI_RATE_HZ,
} from '../speech/moshi/moshi-message.ts';
import type { SpeechEngine, SpeechStream, StreamLanguage } from '../speech/speech-engine.ts';
import { VoiceGate } from '../speech/voice-gate.ts';
import { WordMessages } from './word-messages.ts';

/** Audio that the engine may be behind before the client has to wait. */
const MAX_BACKLOG_MS = 3_000;
const LOOK_AGAIN_MS = 20;
/** Engines want frames of a live stream's length. */
const WRITE_MS = 80;
/** The pauses for which moshi-server gives a probability in `Step.prs`. */
const PAUSES_MS = [500, 1_000, 2_000, 3_000] as const;

export interface ClientStreamOptions {
  readonly engine: SpeechEngine;
  readonly language: StreamLanguage;
  readonly send: (message: FromMoshi) => void;
}

export class ClientStream {
  readonly #options: ClientStreamOptions;
  readonly #engine: SpeechEngine;
  readonly #stream: SpeechStream;
  readonly #words: WordMessages;
  readonly #gate: VoiceGate;
  readonly #zeroMs = nowMs();
  #resampler: { readonly fromHz: number; readonly resampler: Resampler } | null = null;
  #written = 0;
  #heardMs = 0;
  #steps = 0;
  #closed = false;

  /** Fails with `engine-full`. */
  constructor(options: ClientStreamOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.#gate = new VoiceGate(options.engine.sampleRateHz);
    this.#words = new WordMessages(this.#zeroMs, options.send);
    this.#stream = options.engine.openStream({
      language: options.language,
      onOutput: ({ events }) => this.#words.add(events),
    });
  }

  /** Resolves as soon as more audio may come. */
  async untilKeepingUp(): Promise<void> {
    while (!this.#closed && this.#stream.backlogMs > MAX_BACKLOG_MS) await delay(LOOK_AGAIN_MS);
  }

  /** Takes samples from -1 to 1; what is no number is silence. One call at a time. */
  async hear(samples: Float32Array, sampleRateHz: number): Promise<void> {
    const resampler = await this.#resamplerFrom(sampleRateHz);
    if (this.#closed) return;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i] ?? 0;
      if (!(Math.abs(sample) <= 1)) samples[i] = Number.isNaN(sample) ? 0 : Math.sign(sample);
    }
    this.#write(resampler.push(samples));
    this.#heardMs += (samples.length * 1_000) / sampleRateHz;
    // A frame that is whole but for the rounding of milliseconds counts.
    while (this.#heardMs + 0.01 >= (this.#steps + 1) * MOSHI_FRAME_MS) this.#sendStep();
  }

  /** Comes back as `Marker` when all before it was said. */
  mark(id: MarkerId): void {
    this.#stream.mark(() => {
      this.#words.flush();
      this.#options.send({ type: 'Marker', id });
    });
  }

  /** Everything heard becomes words; resolves when they were sent. Never after {@link close}. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.flush();
      this.#stream.mark(() => {
        this.#words.flush();
        resolve();
      });
    });
  }

  /** At once: what was not said is lost. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#words.close();
    this.#stream.close();
    this.#resampler?.resampler.close();
    this.#resampler = null;
  }

  async #resamplerFrom(fromHz: number): Promise<Resampler> {
    if (this.#resampler?.fromHz === fromHz) return this.#resampler.resampler;
    const resampler = await createResampler(fromHz, this.#engine.sampleRateHz);
    if (this.#closed) {
      resampler.close();
      return resampler;
    }
    this.#resampler?.resampler.close();
    this.#resampler = { fromHz, resampler };
    return resampler;
  }

  #write(samples: Float32Array): void {
    const rateHz = this.#engine.sampleRateHz;
    const most = (rateHz * WRITE_MS) / 1_000;
    const readMs = nowMs();
    for (let at = 0; at < samples.length; at += most) {
      const piece = toInt16(samples.subarray(at, at + most));
      this.#gate.hear(piece);
      this.#stream.write(piece, this.#zeroMs + (this.#written * 1_000) / rateHz, readMs);
      this.#written += piece.length;
    }
  }

  #sendStep(): void {
    this.#steps += 1;
    const quietMs = this.#gate.isOpen ? this.#gate.quietMs : Number.POSITIVE_INFINITY;
    if (quietMs > (PAUSES_MS.at(-1) ?? 0)) this.#gate.close();
    this.#options.send({
      type: 'Step',
      stepIdx: this.#steps,
      // Beyond one half, which clients take for yes, when it has been quiet for that long.
      prs: PAUSES_MS.map((pauseMs) => Math.min(1, quietMs / (2 * pauseMs))),
      bufferedPcm: Math.round(this.#stream.backlogMs * (MOSHI_RATE_HZ / 1_000)),
    });
  }
}
