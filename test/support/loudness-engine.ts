/**
 * A speech engine without a model: hears a word in each 300 ms of loud sound, and the end of an utterance in half a
 * second of quiet. Follows the whole contract (steps, stage times, flush), so that everything around an engine
 * can be tested without the seconds that a model takes to load and to think.
 */
import type {
  SpeechEngine,
  SpeechEngineStats,
  SpeechEvent,
  SpeechStream,
  SpeechStreamOptions,
} from '../../agents/speech/speech-engine.ts';
import { nowMs } from '../../runtime/clock.ts';

const SAMPLE_RATE_HZ = 16_000;
const LOUD = 1_000;
const WORD_MS = 300;
const QUIET_MS = 500;

export class LoudnessEngine implements SpeechEngine {
  readonly name = 'loudness';
  readonly sampleRateHz = SAMPLE_RATE_HZ;
  readonly streams = new Set<LoudnessStream>();
  fail: (error: Error) => void = () => {};
  #onStepDone = () => {};
  #steps = 0;
  readonly #timer = setInterval(() => this.#step(), 80);

  openStream(options: SpeechStreamOptions): SpeechStream {
    const stream = new LoudnessStream(options, () => this.streams.delete(stream));
    this.streams.add(stream);
    return stream;
  }

  stats(): SpeechEngineStats {
    return {
      openStreams: this.streams.size,
      activeStreams: [...this.streams].filter((stream) => stream.speaking).length,
      maxActiveStreams: 10,
      skippedAudioMs: 0,
      steps: this.#steps,
      missedDeadlines: 0,
      busy: 0,
    };
  }

  onStepDone(listener: () => void): void {
    this.#onStepDone = listener;
  }

  onFailed(listener: (error: Error) => void): void {
    this.fail = listener;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }

  #step(): void {
    this.#steps += 1;
    for (const stream of [...this.streams]) stream.step();
    this.#onStepDone();
  }
}

class LoudnessStream implements SpeechStream {
  /** For tests: what was written, in ms. */
  heardMs = 0;
  readonly #options: SpeechStreamOptions;
  readonly #onClosed: () => void;
  #pending: SpeechEvent[] = [];
  #marks: (() => void)[] = [];
  #words = 0;
  #loudMs = 0;
  #quietMs = 0;
  #endMs = 0;
  #readMs = 0;

  constructor(options: SpeechStreamOptions, onClosed: () => void) {
    this.#options = options;
    this.#onClosed = onClosed;
  }

  get speaking(): boolean {
    return this.#words > 0;
  }

  write(samples: Int16Array, startMs: number, readMs: number): void {
    const lengthMs = (samples.length / SAMPLE_RATE_HZ) * 1000;
    this.heardMs += lengthMs;
    this.#endMs = startMs + lengthMs;
    this.#readMs = readMs;
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    if (peak < LOUD) {
      this.#quietMs += lengthMs;
      if (this.#quietMs >= QUIET_MS) this.flush();
      return;
    }
    this.#quietMs = 0;
    this.#loudMs += lengthMs;
    if (this.#loudMs < WORD_MS) return;
    this.#loudMs -= WORD_MS;
    this.#words += 1;
    const text = ` word${this.#words}`;
    this.#pending.push({
      type: 'text',
      text,
      startMs: this.#endMs - WORD_MS,
      endMs: this.#endMs,
      language: 'en',
    });
  }

  flush(): void {
    if (this.#words > 0) this.#pending.push({ type: 'end', endMs: this.#endMs });
    this.#words = 0;
    this.#loudMs = 0;
  }

  readonly backlogMs = 0;

  mark(onReached: () => void): void {
    this.#marks.push(onReached);
  }

  close(): void {
    this.#pending = [];
    this.#marks = [];
    this.#onClosed();
  }

  step(): void {
    this.#deliver();
    for (const onReached of this.#marks.splice(0)) onReached();
  }

  #deliver(): void {
    if (this.#pending.length === 0) return;
    const events = this.#pending;
    this.#pending = [];
    const now = nowMs();
    this.#options.onOutput({
      events,
      audioMs: this.#endMs,
      readMs: this.#readMs,
      gatheredMs: now,
      steppedMs: now,
    });
  }
}
