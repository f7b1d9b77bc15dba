/** The worker's half of one live stream: drains its ring into its track and keeps the times of what it heard. */
import { nowMs } from '../../../runtime/clock.ts';
import { SampleRingReader } from '../../audio/sample-ring.ts';
import type { SlotLease } from '../batch-slots.ts';
import type { SpeechEvent, SpeechOutput } from '../speech-engine.ts';
import type { StreamMark, StreamOpening } from '../stream-message.ts';
import { SpeechTrack, type TrackTools } from './speech-track.ts';
import { WINDOW } from './window-settings.ts';

export class LiveStream {
  readonly lease: SlotLease;
  readonly track: SpeechTrack;
  readonly #reader: SampleRingReader;
  readonly #sampleRateHz: number;
  #readMs = 0;
  #heardAtMs = 0;
  /** Samples that were lost before the next frame with audio. */
  #lostSamples = 0;
  #gathered = { audioMs: 0, readMs: 0, gatheredMs: 0 };
  readonly #marks: StreamMark[] = [];

  constructor(tools: TrackTools, { lease, ring, from, language }: StreamOpening) {
    this.lease = lease;
    this.track = new SpeechTrack(tools, language);
    this.#sampleRateHz = tools.files.sampleRateHz;
    this.#reader = new SampleRingReader(ring, { from });
  }

  get hasAudio(): boolean {
    return this.track.canHear && !this.#reader.isEmpty;
  }

  /** Hears all that has come, or until a decoding must come first. Returns the ms of audio found lost. */
  drain(): number {
    let lostMs = 0;
    while (this.track.canHear) {
      const frame = this.#reader.read();
      if (!frame) {
        this.#endIfStalled();
        break;
      }
      this.#lostSamples += frame.lostSamples;
      this.#heardAtMs = nowMs();
      if (frame.samples.length === 0) {
        this.track.flush();
        continue;
      }
      const frameLostMs = (this.#lostSamples * 1000) / this.#sampleRateHz;
      this.#lostSamples = 0;
      lostMs += frameLostMs;
      this.#readMs = frame.readMs;
      this.track.hear(frame.samples, frame.startMs, frameLostMs);
    }
    return lostMs;
  }

  /** See {@link takeReachedMark}. */
  mark(mark: StreamMark): void {
    this.#marks.push(mark);
  }

  /** Id of the oldest mark if nothing before it is still to be said, or null. Call it when all events are out. */
  takeReachedMark(): number | null {
    const mark = this.#marks[0];
    if (mark === undefined || this.#reader.nextFrame < mark.frame) return null;
    if (this.track.saidUntilMs < mark.atMs) return null;
    this.#marks.shift();
    return mark.id;
  }

  /** A batch with this stream begins: its output will carry these times. */
  markGathered(): void {
    this.#gathered = { audioMs: this.track.heardMs, readMs: this.#readMs, gatheredMs: nowMs() };
  }

  output(events: readonly SpeechEvent[], decoded: boolean): SpeechOutput {
    if (!decoded) this.markGathered();
    return { events, ...this.#gathered, steppedMs: nowMs() };
  }

  /** Audio that stops coming is a pause too: what was said must not hang. */
  #endIfStalled(): void {
    if (this.track.isActive && nowMs() - this.#heardAtMs > WINDOW.stalledMs) this.track.flush();
  }
}
