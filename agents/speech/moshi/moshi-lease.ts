/**
 * A speaker's hold on one stream of some moshi-server, for as long as there is speech: sends frames no faster than
 * they are taken, finds another server when one is full or lost, and lets it hear the last moments again without
 * saying a word twice. Owned by a moshi stream; knows neither voices nor utterances.
 */
import { nowMs } from '../../../runtime/clock.ts';
import { FrameStore } from './frame-store.ts';
import { type ConnectionEnd, MoshiConnection } from './moshi-connection.ts';
import { type FromMoshi, MOSHI_FRAME_MS, MOSHI_FRAME_SAMPLES } from './moshi-message.ts';
import type { MoshiServers } from './moshi-servers.ts';
import { SaidWords } from './said-words.ts';
import { SentFrames } from './sent-frames.ts';

/** Frames sent and not yet taken: beyond, they wait here, where they are counted. */
const MAX_IN_FLIGHT = 25;
/** The same for a server that does not tell what it took. */
const MAX_BUFFERED_BYTES = 1_000_000;
/** Frames that may wait to be sent; full policy: drop the oldest, and say so. */
const MAX_WAITING = 125;
/** Frames behind those, for a server that must hear them again. */
const MAX_HISTORY = 63;
/** Heard again before the last word said, so that what follows makes sense. */
const CONTEXT_MS = 500;
/** A word is closed by what follows it. */
const CLOSING_FRAMES = 2;
/** For a model that is later than it was said to be: so many frames more at a time, and in all. */
const MORE_SILENCE = 8;
const MAX_SILENCE = 64;
/** Without a free slot of our own, ask again after this. */
const OWN_SLOT_WAIT_MS = 200;

export interface TimedWord {
  readonly text: string;
  readonly startMs: number;
  /** Of the frame with which it came: see SpeechOutput. */
  readonly audioMs: number;
  readonly readMs: number;
  readonly gatheredMs: number;
}

/** What all leases of an engine share. */
export interface LeaseContext {
  readonly servers: MoshiServers;
  readonly apiKey: string;
  /** By how many frames the model's text is later than its audio. */
  readonly delayFrames: number;
  /** Silence that the model wants to hear first. */
  readonly prefixFrames: number;
  /** Whether a further connection may be opened; it is given back by `releaseSlot`. */
  readonly takeSlot: () => boolean;
  readonly releaseSlot: () => void;
  readonly onFull: () => void;
  readonly onLost: (end: ConnectionEnd) => void;
  readonly onStep: (lateMs: number) => void;
}

export interface LeaseListener {
  readonly onWord: (word: TimedWord) => void;
  readonly onSkipped: (fromMs: number, toMs: number) => void;
  /** All that was written before the last flush has been said. */
  readonly onDrained: () => void;
}

interface Flush {
  readonly marker: number;
  /** The marker goes before this frame. */
  readonly markerAt: number;
  /** What the server must have taken. */
  until: number;
  state: 'waiting' | 'marker sent' | 'marker back' | 'drained';
}

const SILENT_FRAME = new Int16Array(MOSHI_FRAME_SAMPLES);

export class MoshiLease {
  readonly #context: LeaseContext;
  readonly #listener: LeaseListener;
  readonly #store = new FrameStore(MAX_WAITING + MAX_HISTORY);
  readonly #sent = new SentFrames();
  readonly #said = new SaidWords();
  #marks: { readonly frame: number; readonly onReached: () => void }[] = [];
  #connection: MoshiConnection | null = null;
  #holdsSlot = false;
  #retry: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  /** Next frame to send. */
  #next = 0;
  /** Frames that this connection's server took, as it says; null as long as it said nothing. */
  #steps: number | null = null;
  #flush: Flush | null = null;
  #lastMarker = 0;
  #closed = false;

  constructor(context: LeaseContext, listener: LeaseListener) {
    this.#context = context;
    this.#listener = listener;
  }

  /** Audio that no server has taken yet, in ms. */
  get backlogMs(): number {
    const inFlight = this.#steps === null ? 0 : this.#sent.count - this.#steps;
    return (this.#store.written - this.#next + inFlight) * MOSHI_FRAME_MS;
  }

  get isDrained(): boolean {
    return this.#isEmpty || this.#flush?.state === 'drained';
  }

  write(samples: Int16Array, startMs: number, readMs: number): void {
    this.#flush = null;
    this.#store.write(samples, startMs, readMs);
    this.#dropOldest();
    this.#pump();
  }

  /** Pushes what the model still holds out of it with silence; then `onDrained`. */
  flush(): void {
    if (this.#flush !== null || this.#isEmpty) return;
    const { delayFrames } = this.#context;
    this.#store.pad();
    const markerAt = this.#store.written;
    this.#store.appendSilence(delayFrames + CLOSING_FRAMES);
    this.#lastMarker += 1;
    this.#flush = { marker: this.#lastMarker, markerAt, until: this.#store.written, state: 'waiting' };
    this.#dropOldest();
    this.#pump();
  }

  /** See SpeechStream.mark. A server without `Step` messages reaches it when it is flushed. */
  mark(onReached: () => void): void {
    const frame = this.#store.written + Math.sign(this.#store.partialSamples);
    this.#marks.push({ frame, onReached });
    this.#reachMarks();
  }

  /** Gives up what nobody has taken: it is told as skipped. */
  abandon(): void {
    const fromMs = this.#store.timeAt(Math.max(this.#processed, this.#store.oldest));
    if (this.#store.endMs > fromMs) this.#listener.onSkipped(fromMs, this.#store.endMs);
    this.close();
  }

  /** Another stream for the same audio: the model has fallen silent although somebody speaks. */
  restart(): void {
    this.#disconnect();
    this.#connect();
  }

  /** At once. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#marks = [];
    this.#disconnect();
  }

  get #isEmpty(): boolean {
    return this.#store.written + this.#store.partialSamples === 0;
  }

  /** The first frame that the server has not taken, as far as is known. */
  get #processed(): number {
    if (this.#connection === null) return this.#next;
    const position = (this.#steps ?? this.#sent.count) - 1;
    return position < 0 ? Math.max(0, this.#sent.frameAt(0)) : this.#sent.frameAt(position) + 1;
  }

  #connect(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    const choice = this.#holdSlot() ? this.#context.servers.choose(nowMs()) : { waitMs: OWN_SLOT_WAIT_MS };
    if ('waitMs' in choice) {
      this.#retry = setTimeout(() => this.#connect(), Math.max(1, choice.waitMs));
      return;
    }
    const { url } = choice;
    this.#connection = new MoshiConnection({
      url,
      apiKey: this.#context.apiKey,
      onReady: () => this.#handleReady(url),
      onMessage: (message) => this.#handleMessage(message),
      onEnd: (end) => this.#handleEnd(url, end),
    });
  }

  #disconnect(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#grace);
    this.#connection?.close();
    this.#next = this.#replayFrom();
    this.#connection = null;
    this.#steps = null;
    this.#sent.clear();
    if (this.#flush && this.#flush.state !== 'drained') this.#flush.state = 'waiting';
    if (this.#holdsSlot) this.#context.releaseSlot();
    this.#holdsSlot = false;
  }

  #holdSlot(): boolean {
    if (!this.#holdsSlot) this.#holdsSlot = this.#context.takeSlot();
    if (!this.#holdsSlot) this.#context.onFull();
    return this.#holdsSlot;
  }

  #handleReady(url: string): void {
    this.#context.servers.handleReady(url);
    for (let i = 0; i < this.#context.prefixFrames; i++) this.#sendFrame(this.#next - 1, SILENT_FRAME);
    this.#pump();
  }

  #handleEnd(url: string, end: ConnectionEnd): void {
    this.#context.servers.handleFailure(url, end === 'full' ? 'full' : 'lost', nowMs(), Math.random());
    if (end === 'full') this.#context.onFull();
    else this.#context.onLost(end);
    const isIdle = this.isDrained && this.#next === this.#store.written;
    this.#disconnect();
    if (isIdle) this.#next = this.#store.written;
    else this.#connect();
  }

  /**
   * Where a new server begins to hear: a little before the last word said, and before all that this one may still
   * have held in mind. Sets up the filter of words that come a second time.
   */
  #replayFrom(): number {
    if (this.#sent.count === 0) return this.#next;
    this.#said.beginAgain();
    const held = this.#processed - this.#context.delayFrames - MAX_HISTORY;
    const { lastStartMs } = this.#said;
    const afterWord = lastStartMs === null ? 0 : this.#store.frameAt(lastStartMs - CONTEXT_MS);
    return Math.min(this.#next, Math.max(held, afterWord, this.#store.oldest));
  }

  #pump(): void {
    if (this.#connection === null && this.#next < this.#store.written) {
      clearTimeout(this.#retry);
      this.#connect();
    }
    while (this.#canSend()) {
      this.#sendMarkerIfDue();
      this.#sendFrame(this.#next, this.#store.samplesOf(this.#next));
      this.#next += 1;
    }
  }

  #canSend(): boolean {
    const connection = this.#connection;
    if (!connection?.isReady || this.#next >= this.#store.written) return false;
    if (this.#steps === null) return connection.bufferedBytes < MAX_BUFFERED_BYTES;
    return this.#sent.count - this.#steps < MAX_IN_FLIGHT;
  }

  /** `frame`: where on the clock the server's place for these samples lies. */
  #sendFrame(frame: number, samples: Int16Array): void {
    this.#connection?.sendAudio(samples);
    this.#sent.add(frame, nowMs());
  }

  #sendMarkerIfDue(): void {
    const flush = this.#flush;
    if (flush?.state !== 'waiting' || this.#next < flush.markerAt) return;
    flush.state = 'marker sent';
    this.#connection?.sendMarker(flush.marker);
  }

  #dropOldest(): void {
    const excess = this.#store.written - this.#next - MAX_WAITING;
    if (excess <= 0) return;
    const fromMs = this.#store.timeAt(this.#next);
    this.#next += excess;
    const toMs = this.#store.timeAt(this.#next);
    if (toMs > fromMs) this.#listener.onSkipped(fromMs, toMs);
  }

  #handleMessage(message: FromMoshi): void {
    if (message.type === 'Word') this.#handleWord(message.text, message.startTime);
    else if (message.type === 'Step') this.#handleStep();
    else if (message.type === 'Marker') this.#handleMarker(Number(message.id));
  }

  #handleStep(): void {
    this.#steps = (this.#steps ?? 0) + 1;
    this.#context.onStep(nowMs() - this.#sent.sentMsAt(this.#steps - 1));
    this.#pump();
    this.#reachMarks();
    this.#drainIfTaken();
  }

  #handleMarker(id: number): void {
    const flush = this.#flush;
    if (flush?.marker !== id || flush.state !== 'marker sent') return;
    flush.state = 'marker back';
    if (this.#steps !== null) {
      this.#drainIfTaken();
      return;
    }
    // Without steps the only sure sign is that the silence has had its time.
    const silenceMs = (flush.until - flush.markerAt) * MOSHI_FRAME_MS;
    this.#grace = setTimeout(() => flush === this.#flush && this.#handleDrained(flush), silenceMs);
  }

  /** With other streams in its batch a server returns markers too early; its steps say what it has really heard. */
  #drainIfTaken(): void {
    const flush = this.#flush;
    if (!flush || flush.state === 'drained' || this.#processed < flush.until) return;
    if (flush.state === 'marker back') this.#handleDrained(flush);
    else this.#pushOn(flush);
  }

  /** The model's delay is longer than we were told: its marker needs more silence. */
  #pushOn(flush: Flush): void {
    if (flush.until - flush.markerAt >= MAX_SILENCE) return;
    this.#store.appendSilence(MORE_SILENCE);
    flush.until = this.#store.written;
    this.#pump();
  }

  #handleDrained(flush: Flush): void {
    flush.state = 'drained';
    for (const { onReached } of this.#marks.splice(0)) onReached();
    this.#listener.onDrained();
  }

  #reachMarks(): void {
    if (this.#steps === null) return;
    const said = this.#processed - this.#context.delayFrames - CLOSING_FRAMES;
    while (this.#marks[0] && this.#marks[0].frame <= said) this.#marks.shift()?.onReached();
  }

  #handleWord(text: string, startSeconds: number): void {
    const position = (startSeconds * 1_000) / MOSHI_FRAME_MS;
    const whole = Math.floor(position);
    const frame = this.#sent.frameAt(whole);
    const part = whole < this.#sent.count ? position - whole : 1;
    const startMs = this.#store.timeAt(Math.max(0, frame), part);
    if (!this.#said.accept(text, startMs)) return;
    const at = (this.#steps ?? this.#sent.count) - 1;
    const heard = Math.max(0, this.#sent.frameAt(at));
    this.#listener.onWord({
      text,
      startMs,
      audioMs: this.#store.timeAt(heard, 1),
      readMs: this.#store.readMsOf(heard),
      gatheredMs: this.#sent.sentMsAt(at),
    });
  }
}
