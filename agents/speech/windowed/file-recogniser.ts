/**
 * Runs the windowed engine over recordings, as fast as the model goes. The tracks take the decisions they would
 * take live: each hears a frame at a time and is decoded whenever it is due, before it hears the next one.
 */
import { resolve } from 'node:path';
import type { Recogniser, Recording } from '../recording.ts';
import type { SpeechEvent } from '../speech-engine.ts';
import { LogMel } from './log-mel.ts';
import { readModelFolder } from './model-manifest.ts';
import { SpeechTrack, type TrackTools } from './speech-track.ts';
import { TokenText } from './token-text.ts';
import { stepTracks } from './track-round.ts';
import { WhisperModel } from './whisper-model.ts';

const FRAME_MS = 80;

export class FileRecogniser implements Recogniser {
  readonly #model: WhisperModel;
  readonly #tools: TrackTools;

  private constructor(model: WhisperModel) {
    this.#model = model;
    this.#tools = {
      files: model.files,
      mel: new LogMel(model.files.mel),
      text: new TokenText(model.files.vocabulary),
    };
  }

  static async open(modelFolder: string, threads: number): Promise<FileRecogniser> {
    const files = await readModelFolder(resolve(modelFolder));
    return new FileRecogniser(await WhisperModel.load(files, threads));
  }

  get sampleRateHz(): number {
    return this.#model.files.sampleRateHz;
  }

  /** Recognises recordings side by side, in one batch. */
  async recognise(recordings: readonly Recording[]): Promise<void> {
    let readers = recordings.map((recording) => new RecordingReader(recording, this.#tools));
    while (readers.length > 0) {
      for (const reader of readers) await reader.hearUntilDue();
      const outcome = await stepTracks(
        this.#model,
        readers.map((reader) => reader.track),
      );
      for (const reader of readers) reader.report(outcome.get(reader.track) ?? []);
      readers = readers.filter((reader) => !reader.isDone);
    }
  }

  close(): Promise<void> {
    return this.#model.close();
  }
}

/** Feeds one recording to its track in frames of a live stream's length. */
class RecordingReader {
  readonly track: SpeechTrack;
  readonly #recording: Recording;
  readonly #frames: AsyncGenerator<Int16Array>;
  readonly #sampleRateHz: number;
  #heardSamples = 0;
  #ended = false;

  constructor(recording: Recording, tools: TrackTools) {
    this.track = new SpeechTrack(tools, recording.language);
    this.#recording = recording;
    this.#sampleRateHz = tools.files.sampleRateHz;
    this.#frames = framesOf(recording.samples, (this.#sampleRateHz * FRAME_MS) / 1000);
  }

  get isDone(): boolean {
    return this.#ended && !this.track.isActive;
  }

  async hearUntilDue(): Promise<void> {
    while (!this.#ended && !this.track.isDue && this.track.canHear) {
      const { value, done } = await this.#frames.next();
      if (done) {
        this.#ended = true;
        break;
      }
      this.track.hear(value, this.#heardMs());
      this.#heardSamples += value.length;
      this.#recording.onProgress?.(this.#heardMs());
    }
    if (this.#ended) this.track.flush();
  }

  report(events: readonly SpeechEvent[]): void {
    if (events.length > 0) this.#recording.onEvents(events, this.#heardMs());
  }

  #heardMs(): number {
    return (this.#heardSamples * 1000) / this.#sampleRateHz;
  }
}

async function* framesOf(
  pieces: AsyncIterable<Int16Array> | Iterable<Int16Array>,
  frameSamples: number,
): AsyncGenerator<Int16Array> {
  const frame = new Int16Array(frameSamples);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(frameSamples - filled, piece.length - at);
      frame.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < frameSamples) continue;
      yield frame;
      filled = 0;
    }
  }
  if (filled > 0) yield frame.subarray(0, filled);
}
