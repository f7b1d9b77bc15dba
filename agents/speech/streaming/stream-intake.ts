/**
 * The worker's half of one open stream: drains its ring, decides by the voice gate when someone speaks, and holds a
 * slot for as long as there is something to hear or to say. While nobody speaks it is all that a track costs.
 */

import type { CaptionLanguage } from '../../../protocol/caption-event.ts';
import { SampleRingReader } from '../../audio/sample-ring.ts';
import type { SlotLease } from '../batch-slots.ts';
import { PreRoll } from '../pre-roll.ts';
import type { SpeechEvent } from '../speech-engine.ts';
import type { StreamMark, StreamOpening } from '../stream-message.ts';
import { VoiceGate } from '../voice-gate.ts';
import { SkipReport } from './skip-report.ts';
import type { SlotOwner, SpeechSlot } from './speech-slot.ts';
import { SpokenLanguage } from './spoken-language.ts';
import { STREAMING } from './streaming-settings.ts';

/** What all streams of a worker share. */
export interface IntakeTools {
  readonly sampleRateHz: number;
  readonly stepSamples: number;
  /** Samples after a step that it needs. */
  readonly after: number;
  readonly languages: readonly CaptionLanguage[];
  /** The longest utterance that the model remembers well, if it forgets. */
  readonly utteranceMs?: number | undefined;
  readonly preRollMs: number;
  /** Without any audio for this long an utterance ends (wall clock). */
  readonly stalledMs: number;
  /** Where rings are read to. */
  readonly buffer: Int16Array;
  /** A slot, or null when all are held: the stream is offered one when it can have it. */
  readonly lease: (stream: StreamIntake) => SpeechSlot | null;
  /** The stream no longer waits for a slot. */
  readonly handleGivenUp: (stream: StreamIntake) => void;
  /** The stream has something to tell. */
  readonly handleEvent: (stream: StreamIntake) => void;
}

/** The moment at which a stream is looked at: caption clock, and how long until the engine's next beat. */
export interface Look {
  nowMs: number;
  untilBeatMs: number;
}

export class StreamIntake implements SlotOwner {
  readonly lease: SlotLease;
  /** What is to be told, in order; whoever tells it empties it. */
  readonly events: SpeechEvent[] = [];
  readonly #tools: IntakeTools;
  readonly #reader: SampleRingReader;
  readonly #gate: VoiceGate;
  readonly #preRoll: PreRoll;
  readonly #language: SpokenLanguage;
  readonly #skips = new SkipReport();
  /** The speaker has begun and not yet paused, with a slot or waiting for one. */
  #isSpeaking = false;
  #slot: SpeechSlot | null = null;
  #heardMs: number | null = null;
  #heardAtMs = 0;
  #nowMs = 0;
  #frameSamples = 0;
  #readLagMs = 0;
  #skippedMs = 0;
  #utterance = '';
  readonly #marks: StreamMark[] = [];

  constructor(tools: IntakeTools, { lease, ring, from, language }: StreamOpening) {
    this.lease = lease;
    this.#tools = tools;
    this.#reader = new SampleRingReader(ring, { from, buffer: tools.buffer });
    this.#gate = new VoiceGate(tools.sampleRateHz);
    this.#preRoll = new PreRoll(tools.sampleRateHz, tools.preRollMs);
    this.#language = new SpokenLanguage(language, tools.languages);
  }

  get language(): CaptionLanguage {
    return this.#language.current;
  }

  get isLanguageKnown(): boolean {
    return this.#language.isKnown;
  }

  handleLanguage(language: CaptionLanguage): void {
    this.#language.handleHeard(language);
  }

  get slot(): SpeechSlot | null {
    return this.#slot;
  }

  get skippedMs(): number {
    return this.#skippedMs;
  }

  /** Caption-clock time of the end of what was heard, by the model if it is at work, and when its reader had that. */
  get heardMs(): number {
    return this.#slot?.heardMs ?? this.#heardMs ?? 0;
  }

  get readMs(): number {
    return this.#slot?.readMs ?? this.heardMs + this.#readLagMs;
  }

  /** Hears all that has come. */
  drain(look: Look): void {
    this.#nowMs = look.nowMs;
    while (!this.#slot?.isFull) {
      const frame = this.#reader.read();
      if (!frame) break;
      this.#heardAtMs = look.nowMs;
      if (frame.samples.length === 0) {
        this.#endUtterance();
        continue;
      }
      const lengthMs = this.#durationMs(frame.samples.length);
      this.#readLagMs = frame.readMs - frame.startMs - lengthMs;
      this.#frameSamples = frame.samples.length;
      if (frame.lostSamples > 0)
        this.#handleLoss(frame.startMs - this.#durationMs(frame.lostSamples), frame.startMs);
      else this.#handleJump(frame.startMs, lengthMs);
      this.#heardMs = frame.startMs + lengthMs;
      this.#hear(frame.samples, frame.startMs, frame.readMs, look);
    }
    // Audio that waits because the model is behind has come all the same.
    if (this.#slot?.isFull) this.#heardAtMs = look.nowMs;
    // Audio that stops coming is a pause too: what was said must not hang.
    if (this.#isSpeaking && look.nowMs - this.#heardAtMs > this.#tools.stalledMs) this.#endUtterance();
    this.#tellSkips(false);
  }

  mark(mark: StreamMark): void {
    this.#marks.push(mark);
  }

  get hasMarks(): boolean {
    return this.#marks.length > 0;
  }

  /** Id of the oldest mark if nothing before it is still to be said, or null. Call it when all events are out. */
  takeReachedMark(): number | null {
    const mark = this.#marks[0];
    if (!mark || this.#reader.nextFrame < mark.frame) return null;
    // Without a slot nothing is pending, unless the speaker waits for one.
    const saidUntilMs = this.#slot?.saidUntilMs ?? (this.#isSpeaking ? this.#preRoll.startMs : mark.atMs);
    if (saidUntilMs < mark.atMs) return null;
    this.#marks.shift();
    return mark.id;
  }

  /** A slot has become free for whoever waits. */
  take(slot: SpeechSlot, look: Look): void {
    this.#slot = slot;
    this.#beginUtterance(slot, this.#preRoll.samples, this.#preRoll.startMs, look);
    this.#preRoll.clear();
  }

  /** The slot has been given back. */
  handleReleased(): void {
    this.#slot = null;
    if (this.#utterance !== '') this.#language.hear(this.#utterance);
    this.#utterance = '';
  }

  say(event: SpeechEvent): void {
    this.#tellSkips(true);
    if (event.type === 'text') this.#utterance += event.text;
    this.events.push(event);
    this.#tools.handleEvent(this);
  }

  handleSkipped(fromMs: number, toMs: number): void {
    if (toMs <= fromMs) return;
    this.#skippedMs += toMs - fromMs;
    this.#skips.add(fromMs, toMs);
  }

  #hear(samples: Int16Array, startMs: number, readMs: number, look: Look): void {
    const opened = this.#gate.hear(samples) === 'opened';
    if (opened && !this.#isSpeaking) {
      this.#preRoll.push(samples, startMs);
      this.#isSpeaking = true;
      const slot = this.#slot ?? this.#tools.lease(this);
      if (slot) this.take(slot, look);
    } else if (this.#isSpeaking && this.#slot) {
      this.#slot.hear(samples, startMs, readMs);
    } else {
      if (this.#isSpeaking) this.#handleUnheard(samples.length);
      this.#preRoll.push(samples, startMs);
    }
    if (this.#isSpeaking && this.#gate.quietMs >= this.#pauseMs()) this.#endUtterance();
  }

  /** The pause that ends the utterance: a shorter one the longer it has lasted beyond what the model remembers. */
  #pauseMs(): number {
    const { utteranceMs = Number.POSITIVE_INFINITY } = this.#tools;
    const { openMs } = this.#gate;
    if (!this.#slot || openMs < utteranceMs) return STREAMING.endMs;
    return STREAMING.shortEndMs * Math.max(0, 2 - openMs / utteranceMs);
  }

  /** Gives the slot what was kept, less a beginning that makes its steps come out just before the beats. */
  #beginUtterance(slot: SpeechSlot, samples: Int16Array, startMs: number, look: Look): void {
    const { stepSamples, after } = this.#tools;
    const frameMs = this.#durationMs(this.#frameSamples);
    const frames = Math.max(0, Math.floor((look.untilBeatMs - STREAMING.jitterMs) / frameMs));
    const spare = (samples.length + frames * this.#frameSamples - after) % stepSamples;
    // A short pre-roll, at the beginning of a track, is heard whole.
    const from = spare > 0 && spare * 2 < samples.length ? spare : 0;
    const readMs = startMs + this.#durationMs(samples.length) + this.#readLagMs;
    slot.beginUtterance();
    slot.hear(samples, startMs + this.#durationMs(from), readMs, from);
  }

  #endUtterance(): void {
    if (!this.#isSpeaking) return;
    this.#isSpeaking = false;
    const quietMs = this.#gate.quietMs;
    this.#gate.close();
    if (this.#slot) {
      this.#slot.endUtterance(Math.round((quietMs * this.#tools.sampleRateHz) / 1000));
      this.#preRoll.clear();
      return;
    }
    this.handleSkipped(this.#preRoll.startMs, this.#heardMs ?? 0);
    this.#preRoll.clear();
    this.#tools.handleGivenUp(this);
  }

  /** A speaker without a slot: what the next frame pushes out of the pre-roll is lost. */
  #handleUnheard(samples: number): void {
    const { startMs } = this.#preRoll;
    const room = this.#tools.preRollMs - this.#durationMs(this.#preRoll.samples.length);
    this.handleSkipped(startMs, startMs + this.#durationMs(samples) - room);
  }

  /** Audio was overwritten before it was read. */
  #handleLoss(fromMs: number, toMs: number): void {
    this.#preRoll.clear();
    if (this.#slot && this.#isSpeaking) this.#slot.skip(toMs);
    else this.handleSkipped(fromMs, toMs);
  }

  #handleJump(startMs: number, lengthMs: number): void {
    const jumpMs = this.#heardMs === null ? 0 : startMs - this.#heardMs;
    if (jumpMs >= STREAMING.jumpMs) {
      this.#endUtterance();
      this.#preRoll.clear();
    } else if (jumpMs > lengthMs && this.#isSpeaking) {
      this.#slot?.hearSilence(Math.round((jumpMs * this.#tools.sampleRateHz) / 1000));
    }
  }

  #tellSkips(force: boolean): void {
    const skipped = this.#skips.take(this.#nowMs, force);
    if (!skipped) return;
    this.events.push(skipped);
    this.#tools.handleEvent(this);
  }

  #durationMs(samples: number): number {
    return (samples * 1000) / this.#tools.sampleRateHz;
  }
}
