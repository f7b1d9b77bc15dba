/**
 * What one stream is hearing: the gate, the moments before it opened, and the window of the present utterance.
 * Jumps of the clock and lost audio are dealt with here, so that a window is always one unbroken piece of sound.
 */

import { PreRoll } from '../pre-roll.ts';
import type { SpeechSkipped } from '../speech-engine.ts';
import { VoiceGate } from '../voice-gate.ts';
import type { SpeechWindow } from './speech-window.ts';
import { WINDOW } from './window-settings.ts';

interface HeldFrame {
  readonly samples: Int16Array;
  readonly startMs: number;
}

export class SpeechIntake {
  readonly window: SpeechWindow;
  readonly #sampleRateHz: number;
  readonly #gate: VoiceGate;
  readonly #preRoll: PreRoll;
  #ending = false;
  /** Came after a jump of the clock; heard when the utterance before it has ended. */
  #held: HeldFrame | null = null;
  #heardMs = 0;
  #skipped: SpeechSkipped[] = [];

  constructor(window: SpeechWindow, sampleRateHz: number) {
    this.window = window;
    this.#sampleRateHz = sampleRateHz;
    this.#gate = new VoiceGate(sampleRateHz);
    this.#preRoll = new PreRoll(sampleRateHz, WINDOW.preRollMs);
  }

  /** Someone is speaking, or has only just paused. */
  get isOpen(): boolean {
    return this.#gate.isOpen;
  }

  /** The utterance is over: decode what is left, then {@link restart}. */
  get isEnding(): boolean {
    return this.#ending;
  }

  /** Whether more may be heard before the next decoding. */
  get canHear(): boolean {
    return !this.#ending && !this.window.isFull;
  }

  /** How long it has been quiet, in ms. */
  get quietMs(): number {
    return this.#gate.quietMs;
  }

  /** Length of the window up to the last moment of speech. */
  get spokenMs(): number {
    return this.window.lengthMs - this.#gate.quietMs;
  }

  /** Length of the window before the first moment of speech; 0 or less when that was dropped. */
  get silentMs(): number {
    return this.window.lengthMs - this.#gate.openMs;
  }

  /** Caption-clock time of the end of what was heard. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** Hears a frame whose first sample is at `startMs`, after `lostMs` that will never come; copies what it keeps. */
  hear(samples: Int16Array, startMs: number, lostMs: number): void {
    const jumpMs = this.#heardMs === 0 ? 0 : startMs - this.#heardMs;
    if (lostMs > 0) this.#skipped.push({ type: 'skipped', fromMs: startMs - lostMs, toMs: startMs });
    if (this.isOpen && jumpMs >= WINDOW.jumpMs) {
      this.#held = { samples: samples.slice(), startMs };
      this.#ending = true;
      return;
    }
    if (jumpMs >= WINDOW.jumpMs) this.#preRoll.clear();
    else if (jumpMs > this.#durationMs(samples)) this.#hearSilence(jumpMs);
    this.#hearPiece(samples, startMs);
  }

  /** Ends the utterance, if there is one. */
  end(): void {
    if (this.isOpen) this.#ending = true;
  }

  /** Forgets the utterance and listens for the next one. */
  restart(): void {
    this.window.clear();
    this.#gate.close();
    this.#ending = false;
    const held = this.#held;
    this.#held = null;
    if (held) this.#hearPiece(held.samples, held.startMs);
  }

  /** Losses that nobody has been told of. */
  takeSkipped(): SpeechSkipped[] {
    const skipped = this.#skipped;
    if (skipped.length > 0) this.#skipped = [];
    return skipped;
  }

  get hasSkipped(): boolean {
    return this.#skipped.length > 0;
  }

  #hearSilence(ms: number): void {
    this.#hearPiece(new Int16Array(Math.round((ms * this.#sampleRateHz) / 1000)), this.#heardMs);
  }

  #hearPiece(samples: Int16Array, startMs: number): void {
    this.#heardMs = startMs + this.#durationMs(samples);
    const wasOpen = this.isOpen;
    const opened = this.#gate.hear(samples) === 'opened';
    if (wasOpen) {
      this.window.push(samples, startMs);
      if (this.quietMs >= WINDOW.endMs) this.#ending = true;
    } else if (opened) {
      this.window.clear();
      if (this.#preRoll.samples.length > 0) this.window.push(this.#preRoll.samples, this.#preRoll.startMs);
      this.#preRoll.clear();
      this.window.push(samples, startMs);
    } else {
      this.#preRoll.push(samples, startMs);
    }
  }

  #durationMs(samples: Int16Array): number {
    return (samples.length * 1000) / this.#sampleRateHz;
  }
}
