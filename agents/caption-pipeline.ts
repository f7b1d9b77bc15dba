/**
 * One microphone on its way to the uplink. Read this file first: it joins the stages
 *
 *     microphone-reader → speech engine → caption-builder → (events)
 *
 * by plain callbacks. A room session owns one pipeline per published microphone, for as long as it is published;
 * the reader comes and goes with the subscription of the track.
 */
import type { RemoteTrack } from '@livekit/rtc-node';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { MicrophoneReader } from './audio/microphone-reader.ts';
import { CaptionBuilder } from './captions/caption-builder.ts';
import type { Microphone } from './livekit/audio-subscriptions.ts';
import type { SpeechEngine, SpeechOutput, SpeechStream, StreamLanguage } from './speech/speech-engine.ts';

/** What a jitter buffer holds back, with room to spare. */
const LAST_WORD_MS = 200;

/** Silence on the line, and the sound of a muted microphone, stay below this. */
const LOUD = 500;
/** Whoever was silent so long has been written down: the engine ends an utterance after a shorter pause. */
const SILENT_MS = 2_500;
/** For what the engine may know that we do not. */
const SILENT_FINISH_MS = 200;

/** What all pipelines of a process share. */
export interface PipelineContext {
  readonly engine: SpeechEngine;
  /** Length of the frames of a track that begins to be heard now. */
  readonly frameMs: () => number;
  readonly nextUtterance: () => number;
  readonly onAudioDropped: (audioMs: number) => void;
  /** The engine had no stream left for a microphone. */
  readonly onMicrophoneRefused: () => void;
  readonly onOutput: (output: SpeechOutput) => void;
}

export interface CaptionPipelineOptions extends PipelineContext {
  readonly microphone: Microphone;
  readonly language: StreamLanguage;
  readonly onEvent: (event: CaptionEvent) => void;
}

export class CaptionPipeline {
  readonly #options: CaptionPipelineOptions;
  readonly #builder: CaptionBuilder;
  readonly #stream: SpeechStream;
  #reader: MicrophoneReader | null = null;
  #muted = false;
  #muteTimer: NodeJS.Timeout | undefined;
  #state: 'live' | 'finishing' | 'closed' = 'live';
  #heardUntilMs: number | null = null;
  #loudUntilMs = 0;
  #onFinished: () => void = () => {};

  constructor(options: CaptionPipelineOptions) {
    this.#options = options;
    const { microphone, engine, language } = options;
    this.#builder = new CaptionBuilder({
      speaker: () => microphone.speaker(),
      nextUtterance: options.nextUtterance,
      onEvent: options.onEvent,
    });
    this.#stream = engine.openStream({ language, onOutput: (output) => this.#handleOutput(output) });
  }

  get identity(): string {
    return this.#options.microphone.speaker().identity;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** End of the newest audio that was heard, on the caption clock; null before any. */
  get heardUntilMs(): number | null {
    return this.#heardUntilMs;
  }

  /** Reads the track from now on. `onResumed` tells when its first frame begins. */
  hear(track: RemoteTrack, onResumed: (startMs: number) => void): void {
    const { engine, frameMs, onAudioDropped } = this.#options;
    this.#reader?.close();
    this.unmute();
    let first = true;
    this.#reader = new MicrophoneReader({
      track,
      sampleRateHz: engine.sampleRateHz,
      frameMs: frameMs(),
      onDropped: onAudioDropped,
      onFrame: (samples, startMs, readMs) => {
        if (first) onResumed(startMs);
        first = false;
        if (this.#state !== 'live') return;
        this.#stream.write(samples, startMs, readMs);
        this.#heardUntilMs = startMs + (samples.length / engine.sampleRateHz) * 1000;
        if (samples.some((sample) => sample > LOUD)) this.#loudUntilMs = this.#heardUntilMs;
      },
    });
  }

  /**
   * Only hastens the end of the utterance. Frames are read on: those of the last word still come, and the first
   * ones after unmuting come before the news of it. In between the server lets nothing but silence through.
   */
  mute(): void {
    this.#muted = true;
    clearTimeout(this.#muteTimer);
    this.#muteTimer = setTimeout(() => this.#flush(), LAST_WORD_MS);
  }

  unmute(): void {
    this.#muted = false;
    clearTimeout(this.#muteTimer);
  }

  /** The track's audio has stopped. */
  unhear(): void {
    this.#reader?.close();
    this.#reader = null;
    this.#flush();
  }

  /** Resolves when all that was heard has become captions, at the latest after `deadlineMs`; then it is closed. */
  async finish(deadlineMs: number): Promise<void> {
    if (this.#state !== 'live') return;
    this.unhear();
    this.#state = 'finishing';
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onFinished = resolve;
      const isSilent = (this.#heardUntilMs ?? 0) - this.#loudUntilMs > SILENT_MS && !this.#builder.isOpen;
      timer = setTimeout(resolve, isSilent ? Math.min(deadlineMs, SILENT_FINISH_MS) : deadlineMs);
      if (this.#heardUntilMs === null) resolve();
    });
    clearTimeout(timer);
    this.close();
  }

  /** At once; what is pending in the engine is lost. Idempotent. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#muteTimer);
    this.#reader?.close();
    this.#stream.close();
    this.#builder.close();
    this.#onFinished();
  }

  #flush(): void {
    if (this.#state === 'live') this.#stream.flush();
  }

  #handleOutput(output: SpeechOutput): void {
    if (this.#state === 'closed') return;
    for (const event of output.events) this.#builder.handleSpeech(event);
    this.#options.onOutput(output);
    if (this.#state === 'finishing' && output.events.at(-1)?.type === 'end') this.#onFinished();
  }
}
