/** The owner's half of one open stream: writes into its ring, and bridges the death of the thread that reads it. */

import { nowMs } from '../../../runtime/clock.ts';
import { SampleRingWriter, type SharedRing } from '../../audio/sample-ring.ts';
import type { SlotLease } from '../batch-slots.ts';
import { PendingMarks } from '../pending-marks.ts';
import type { SpeechOutput, SpeechStream, SpeechStreamOptions } from '../speech-engine.ts';
import type { ModelThread } from './model-thread.ts';

/** Line noise and the sound of a muted microphone stay below this. */
const LOUD = 500;
/** Longer frames are written in pieces, so that any length fits the ring. */
const LONGEST_FRAME_MS = 80;
const FLUSH_MARK = new Int16Array(0);

export interface LiveStreamOptions extends SpeechStreamOptions {
  readonly sampleRateHz: number;
  readonly thread: ModelThread;
  readonly onClosed: () => void;
}

export class LiveSpeechStream implements SpeechStream {
  readonly thread: ModelThread;
  readonly #options: LiveStreamOptions;
  readonly #longestFrame: number;
  #lease: SlotLease | null = null;
  #ring: SharedRing | null = null;
  #writer: SampleRingWriter | null = null;
  /** Text has come since the last end of an utterance. */
  #isInUtterance = false;
  #endMs = 0;
  readonly #marks = new PendingMarks();
  /** Since when nobody hears this stream although there is something to hear. */
  #unheardFromMs: number | null = null;

  constructor(options: LiveStreamOptions) {
    this.thread = options.thread;
    this.#options = options;
    this.#longestFrame = Math.round((options.sampleRateHz * LONGEST_FRAME_MS) / 1000);
  }

  get lease(): SlotLease | null {
    return this.#lease;
  }

  open(lease: SlotLease, ring: SharedRing): void {
    this.#lease = lease;
    this.#ring = ring;
    this.#writer = new SampleRingWriter(ring);
    this.#openInThread();
  }

  write(samples: Int16Array, startMs: number, readMs: number): void {
    if (!this.#writer || samples.length === 0) return;
    const msPerSample = 1000 / this.#options.sampleRateHz;
    this.#endMs = startMs + samples.length * msPerSample;
    if (!this.thread.isRunning && samples.some((sample) => sample > LOUD)) this.#unheardFromMs ??= startMs;
    if (samples.length <= this.#longestFrame) {
      this.#writer.write(samples, startMs, readMs);
      return;
    }
    for (let at = 0; at < samples.length; at += this.#longestFrame) {
      this.#writer.write(samples.subarray(at, at + this.#longestFrame), startMs + at * msPerSample, readMs);
    }
  }

  flush(): void {
    this.#writer?.write(FLUSH_MARK, 0, 0);
  }

  get backlogMs(): number {
    return ((this.#writer?.pendingSamples ?? 0) * 1000) / this.#options.sampleRateHz;
  }

  mark(onReached: () => void): void {
    if (!this.#lease || !this.#writer) return;
    const { frame } = this.#writer.position;
    const mark = { id: this.#marks.add(onReached), frame, atMs: this.#endMs };
    this.thread.post({ type: 'mark', lease: this.#lease, mark });
  }

  handleMarked(id: number): void {
    this.#marks.reach(id);
  }

  close(): void {
    if (!this.#lease) return;
    this.#marks.clear();
    this.thread.post({ type: 'close', lease: this.#lease });
    this.#options.onClosed();
    this.#lease = null;
    this.#writer = null;
  }

  deliver(output: SpeechOutput): void {
    for (const { type } of output.events) {
      if (type === 'text') this.#isInUtterance = true;
      else if (type === 'end') this.#isInUtterance = false;
    }
    this.#options.onOutput(output);
  }

  handleThreadDied(): void {
    if (this.#isInUtterance) this.#unheardFromMs ??= this.#endMs;
  }

  /** Hearing goes on with what is written from now on. */
  handleThreadRestarted(): void {
    this.#openInThread();
    const fromMs = this.#unheardFromMs;
    this.#unheardFromMs = null;
    if (fromMs === null) return;
    const now = nowMs();
    const toMs = Math.max(this.#endMs, fromMs);
    const events: SpeechOutput['events'] = [
      ...(this.#isInUtterance ? [{ type: 'end', endMs: fromMs } as const] : []),
      { type: 'skipped', fromMs, toMs },
    ];
    this.#marks.reachAll();
    this.deliver({ events, audioMs: toMs, readMs: now, gatheredMs: now, steppedMs: now });
  }

  #openInThread(): void {
    if (!this.#lease || !this.#ring || !this.#writer) return;
    const { language } = this.#options;
    this.thread.post({
      type: 'open',
      lease: this.#lease,
      ring: this.#ring,
      from: this.#writer.position,
      language,
    });
  }
}
