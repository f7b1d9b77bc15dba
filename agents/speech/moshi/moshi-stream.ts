/**
 * One speaker's track before a moshi-server: the voice gate decides when there is anything to hear, a lease carries
 * it, and words become text and ends of utterances. At a pause the model is pushed on with silence, so that the
 * last words do not wait for the next ones.
 */
import { nowMs } from '../../../runtime/clock.ts';
import { PreRoll } from '../pre-roll.ts';
import type { SpeechEvent, SpeechStream, SpeechStreamOptions } from '../speech-engine.ts';
import { VoiceGate } from '../voice-gate.ts';
import { LanguageGuess } from './language-guess.ts';
import { type LeaseContext, MoshiLease, type TimedWord } from './moshi-lease.ts';
import { MOSHI_RATE_HZ } from './moshi-message.ts';

/** Kept from before the gate opened, or from a pause that turned out to be none. */
const PRE_ROLL_MS = 400;
/** Quiet for this long: push the last words out. */
const PAUSE_MS = 300;
/** Quiet for this long ends the utterance. */
const END_MS = 800;
/** A jump of the clock of at least this much is a pause. */
const JUMP_MS = 400;
/** Without any audio for this long the utterance ends. */
const STALLED_MS = 1_000;
/** The stream of the server is kept so long after the last word: most people go on. */
const HOLD_MS = 5_000;
/** What no server took so long after the speaker's end is given up. */
const GIVE_UP_MS = 10_000;
/** Speech without a word for so long: the 1B model may have fallen silent for good. */
const WORDLESS_MS = 15_000;
/** How long letters take to say, for a server that does not tell a word's end in time. */
const LETTER_MS = 65;

export interface StreamContext extends LeaseContext {
  readonly onSkipped: (audioMs: number) => void;
  readonly onDelivered: () => void;
  readonly onWatchdog: () => void;
  readonly onClosed: (stream: MoshiStream) => void;
}

export class MoshiStream implements SpeechStream {
  readonly #context: StreamContext;
  readonly #options: SpeechStreamOptions;
  readonly #gate = new VoiceGate(MOSHI_RATE_HZ);
  readonly #preRoll = new PreRoll(MOSHI_RATE_HZ, PRE_ROLL_MS);
  readonly #language: LanguageGuess;
  #lease: MoshiLease | null = null;
  #state: 'quiet' | 'speaking' | 'pausing' | 'closed' = 'quiet';
  /** Caption times of turns that are over and whose end waits for their last word. */
  #turnEnds: number[] = [];
  #heardMs = 0;
  #writtenAtMs = 0;
  /** Of the words since the last end; null when there was none. */
  #lastWord: { readonly startMs: number; readonly endMs: number } | null = null;
  #lastWordMs = 0;
  #times = { audioMs: 0, readMs: 0, gatheredMs: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor(context: StreamContext, options: SpeechStreamOptions) {
    this.#context = context;
    this.#options = options;
    this.#language = new LanguageGuess(options.language);
  }

  get isActive(): boolean {
    return this.#state === 'speaking' || this.#state === 'pausing' || this.#turnEnds.length > 0;
  }

  get backlogMs(): number {
    return this.#lease?.backlogMs ?? 0;
  }

  write(samples: Int16Array, startMs: number, readMs: number): void {
    if (samples.length === 0 || this.#state === 'closed') return;
    this.#writtenAtMs = nowMs();
    if (this.#state !== 'quiet' && startMs - this.#heardMs >= JUMP_MS) this.flush();
    else if (startMs - this.#heardMs >= JUMP_MS) this.#preRoll.clear();
    this.#heardMs = startMs + (samples.length * 1_000) / MOSHI_RATE_HZ;
    const quietBeforeMs = this.#gate.quietMs;
    this.#gate.hear(samples);
    if (this.#state === 'speaking') this.#speakOn(samples, startMs, readMs);
    else if (this.#state === 'pausing') this.#pauseOn(samples, startMs, readMs, quietBeforeMs);
    else if (this.#gate.isOpen) this.#begin(samples, startMs, readMs);
    else this.#preRoll.push(samples, startMs);
  }

  flush(): void {
    if (this.#state !== 'speaking' && this.#state !== 'pausing') return;
    this.#lease?.flush();
    this.#endTurn();
  }

  mark(onReached: () => void): void {
    if (this.#state === 'closed') return;
    if (this.#lease && !this.#lease.isDrained) this.#lease.mark(onReached);
    else setImmediate(() => this.#state !== 'closed' && onReached());
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#lease?.close();
    this.#lease = null;
    this.#context.onClosed(this);
  }

  /** Audio that stops coming is a pause too. Asked now and then by the engine. */
  endIfStalled(now: number): void {
    if (this.#state !== 'quiet' && now - this.#writtenAtMs > STALLED_MS) this.flush();
  }

  #begin(samples: Int16Array, startMs: number, readMs: number): void {
    this.#state = 'speaking';
    clearTimeout(this.#timer);
    this.#lease ??= new MoshiLease(this.#context, {
      onWord: (word) => this.#handleWord(word),
      onSkipped: (fromMs, toMs) => this.#handleSkipped(fromMs, toMs),
      onDrained: () => this.#handleDrained(),
    });
    this.#lastWordMs = startMs;
    this.#resume(samples, startMs, readMs);
  }

  /** What was withheld, then the present frame. */
  #resume(samples: Int16Array, startMs: number, readMs: number): void {
    const held = this.#preRoll.samples;
    if (held.length > 0) this.#lease?.write(held, this.#preRoll.startMs, readMs);
    this.#preRoll.clear();
    this.#lease?.write(samples, startMs, readMs);
  }

  #speakOn(samples: Int16Array, startMs: number, readMs: number): void {
    this.#lease?.write(samples, startMs, readMs);
    if (this.#gate.quietMs >= PAUSE_MS) {
      this.#state = 'pausing';
      this.#preRoll.clear();
      this.#lease?.flush();
    } else if (startMs - this.#lastWordMs > WORDLESS_MS) {
      this.#lastWordMs = startMs;
      this.#context.onWatchdog();
      this.#lease?.restart();
    }
  }

  #pauseOn(samples: Int16Array, startMs: number, readMs: number, quietBeforeMs: number): void {
    if (this.#gate.quietMs < quietBeforeMs) {
      this.#state = 'speaking';
      this.#resume(samples, startMs, readMs);
      return;
    }
    this.#preRoll.push(samples, startMs);
    if (this.#gate.quietMs >= END_MS) this.#endTurn();
  }

  #endTurn(): void {
    this.#state = 'quiet';
    this.#turnEnds.push(this.#heardMs);
    this.#gate.close();
    clearTimeout(this.#timer);
    if (this.#lease?.isDrained ?? true) this.#finishTurn();
    else this.#timer = setTimeout(() => this.#giveUp(), GIVE_UP_MS);
  }

  #handleDrained(): void {
    if (this.#turnEnds.length > 0 && this.#state === 'quiet') this.#finishTurn();
  }

  #finishTurn(): void {
    this.#turnEnds = [];
    this.#emit(this.#endEvents());
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#releaseLease(), HOLD_MS);
  }

  #giveUp(): void {
    this.#lease?.abandon();
    this.#lease = null;
    this.#turnEnds = [];
    this.#emit(this.#endEvents());
  }

  #releaseLease(): void {
    this.#lease?.close();
    this.#lease = null;
  }

  #endEvents(): SpeechEvent[] {
    const last = this.#lastWord;
    this.#lastWord = null;
    return last ? [{ type: 'end', endMs: last.endMs }] : [];
  }

  #handleWord({ text, startMs: heardStartMs, ...times }: TimedWord): void {
    this.#times = times;
    const events: SpeechEvent[] = [];
    // Somebody went on at once: the words of the turn before are out.
    while (heardStartMs >= (this.#turnEnds[0] ?? Number.POSITIVE_INFINITY)) {
      this.#turnEnds.shift();
      events.push(...this.#endEvents());
    }
    const startMs = Math.max(heardStartMs, this.#lastWord?.startMs ?? heardStartMs);
    const endMs = wordEndMs(text, startMs, times.audioMs);
    const language = this.#language.hear(text);
    this.#lastWord = { startMs, endMs };
    this.#lastWordMs = Math.max(this.#lastWordMs, startMs);
    events.push({ type: 'text', text: ` ${text}`, startMs, endMs, language });
    this.#emit(events);
  }

  #handleSkipped(fromMs: number, toMs: number): void {
    this.#context.onSkipped(toMs - fromMs);
    this.#emit([{ type: 'skipped', fromMs, toMs }]);
  }

  #emit(events: readonly SpeechEvent[]): void {
    if (events.length === 0 || this.#state === 'closed') return;
    this.#options.onOutput({ events, ...this.#times, steppedMs: nowMs() });
    this.#context.onDelivered();
  }
}

/** A word takes time by its letters, and has not ended later than what was heard. */
export function wordEndMs(text: string, startMs: number, heardMs: number): number {
  return Math.max(startMs, Math.min(heardMs, startMs + LETTER_MS * (1 + text.length)));
}
