/**
 * One place in the batch, held by a stream while its speaker speaks: what it has still to hear, where its utterance
 * began and ends, and what its tokens mean. Its row in the batch may change between steps, never during one.
 */
import type { CaptionLanguage } from '../../../protocol/caption-event.ts';
import type { SpeechEvent } from '../speech-engine.ts';
import { AudioBacklog } from './audio-backlog.ts';
import type { StepModelFiles } from './model-folder.ts';
import type { ElementArray } from './slot-array.ts';
import type { SlotState } from './slot-state.ts';
import { SpokenPieces } from './spoken-pieces.ts';
import { STREAMING } from './streaming-settings.ts';
import { createTokenRule, type TokenRule } from './token-rule.ts';

/** The stream that holds a slot. */
export interface SlotOwner {
  /** Language of the utterance that begins, as far as is known. */
  readonly language: CaptionLanguage;
  readonly isLanguageKnown: boolean;
  /** The model has heard what is spoken. */
  handleLanguage(language: CaptionLanguage): void;
  say(event: SpeechEvent): void;
  /** Audio between these times will never be text. */
  handleSkipped(fromMs: number, toMs: number): void;
}

/** The end of an utterance within the backlog. */
interface UtteranceEnd {
  /** The sample after its last one; the next utterance may begin there. */
  readonly at: number;
  /** The model has said everything when it has heard (silence) up to this sample. */
  readonly saidAt: number;
}

/** A model that says one piece a step may have more to say when its delay is over: it is given so many steps. */
const LONGEST_REST_STEPS = 12;

export class SpeechSlot {
  /** Row in the batch. */
  row = 0;
  /** Steps are taken as fast as they can be: the stream has only just begun, or is behind. */
  isCatchingUp = true;
  /** Until it has caught up for the first time it is not late, only new. */
  isNew = true;
  readonly #files: StepModelFiles;
  readonly #state: SlotState;
  readonly #backlog: AudioBacklog;
  readonly #rule: TokenRule;
  readonly #pieces: SpokenPieces;
  readonly #handlePiece: (token: number, place: number) => void;
  /** Between a step's pieces, and how long one sounds. */
  readonly #placeMs: number;
  readonly #pieceMs: number;
  /** Audio after a sound until its text is out. */
  readonly #delay: number;
  readonly #maxLag: number;
  readonly #ends: UtteranceEnd[] = [];
  #owner: SlotOwner | null = null;
  /** More will be said: the last utterance in the backlog has not ended. */
  #isSpeaking = false;
  #generation = 0;
  /** The last step brought text. */
  #hasSaid = false;
  /** First sample of the utterance, and of its next step. */
  #start = 0;
  #next = 0;
  /** How long after its end a frame was read. */
  #readLagMs = 0;
  /** How long before its time the step's token was spoken. */
  #agoMs = 0;

  constructor(files: StepModelFiles, state: SlotState) {
    const { stepSamples, sampleRateHz, frameMs, delayMs, audio, text } = files.manifest;
    this.#files = files;
    this.#state = state;
    const maxLagMs = STREAMING.maxLagMs + Math.max(0, files.preRollMs - STREAMING.preRollMs);
    this.#maxLag = Math.round((maxLagMs * sampleRateHz) / 1000);
    this.#delay = Math.max(text.delaySteps, Math.ceil(delayMs / frameMs)) * stepSamples;
    const kept = audio.before + stepSamples + audio.after;
    this.#backlog = new AudioBacklog(this.#maxLag + kept + sampleRateHz, sampleRateHz);
    this.#rule = createTokenRule(text);
    this.#pieces = new SpokenPieces(files.vocabulary);
    this.#placeMs = text.rule === 'ctc' ? frameMs / text.perStep : frameMs;
    this.#pieceMs = text.pieceMs ?? this.#placeMs;
    this.#handlePiece = (token, place) => this.#say(token, place);
  }

  /** Grows with everything that makes earlier results meaningless. */
  get generation(): number {
    return this.#generation;
  }

  /** Memory beside the model's state. */
  get bytes(): number {
    return this.#backlog.bytes;
  }

  get owner(): SlotOwner | null {
    return this.#owner;
  }

  /** Nothing is left to hear or to say: the slot can be given back. */
  get isOver(): boolean {
    return !this.#isSpeaking && this.#ends.length === 0;
  }

  /** A whole step can be taken. */
  get isReady(): boolean {
    const { stepSamples, audio } = this.#files.manifest;
    return this.#ends.length > 0 || this.#backlog.end >= this.#next + stepSamples + audio.after;
  }

  /** More than one step is waiting. */
  get isBehind(): boolean {
    const { stepSamples, audio } = this.#files.manifest;
    return this.#backlog.end >= this.#next + 2 * stepSamples + audio.after;
  }

  /** Caption-clock time of the end of what the model has heard, and when its reader had it. */
  get heardMs(): number {
    return this.#backlog.times.at(Math.min(this.#next, this.#backlog.end));
  }

  get readMs(): number {
    return this.heardMs + this.#readLagMs;
  }

  /** A stream takes the slot, whose row is already its own; then it begins an utterance. */
  begin(owner: SlotOwner): void {
    this.#owner = owner;
    this.#backlog.clear();
    this.#ends.length = 0;
    this.isNew = true;
    this.#restart(0);
  }

  /** What is heard next begins an utterance. */
  beginUtterance(): void {
    this.#isSpeaking = true;
    this.isCatchingUp = true;
  }

  /** The stream is gone, or has nothing left to say. */
  end(): void {
    this.#owner = null;
    this.#isSpeaking = false;
    this.#ends.length = 0;
    this.#pieces.end();
    this.#generation += 1;
  }

  /** So far behind that it should be given no more audio. */
  get isFull(): boolean {
    return this.#backlog.end - this.#next > this.#maxLag;
  }

  /** All text of what was heard before this time has been said. */
  get saidUntilMs(): number {
    return this.#backlog.times.at(Math.max(this.#start, this.#next - this.#delay));
  }

  /** Takes audio from sample `from` of `samples` on. */
  hear(samples: Int16Array, startMs: number, readMs: number, from = 0): void {
    const frameMs = ((samples.length - from) * 1000) / this.#files.manifest.sampleRateHz;
    this.#readLagMs = readMs - (startMs + frameMs);
    this.#backlog.push(samples, startMs, from);
  }

  hearSilence(samples: number): void {
    this.#backlog.pushSilence(samples);
  }

  /** The utterance ends with what was heard last, of which the last `quietSamples` were silent. */
  endUtterance(quietSamples: number): void {
    const at = this.#backlog.end;
    const spokenUntil = at - Math.min(quietSamples, at);
    this.#isSpeaking = false;
    const saidAt = Math.max(at, spokenUntil + this.#delay + this.#files.manifest.stepSamples);
    this.#ends.push({ at, saidAt });
    this.isCatchingUp = true;
  }

  /** Gives up all that was not heard or not yet said, because what follows is lost; hearing goes on at `untilMs`. */
  skip(untilMs: number): void {
    this.#ends.length = 0;
    this.#abandon(untilMs);
    this.#restart(this.#backlog.end);
  }

  /** The step that was just taken brought nothing that can be built upon: the utterance begins anew after it. */
  handleFailedStep(): void {
    const end = this.#next + this.#files.manifest.stepSamples;
    this.#abandon(this.#backlog.times.at(end));
    this.#restart(Math.min(end, this.#backlog.end));
    while ((this.#ends[0]?.at ?? Number.POSITIVE_INFINITY) <= this.#next) this.#ends.shift();
  }

  /** Writes the next step's audio into the batch. */
  fill(): void {
    const { audio, stepSamples } = this.#files.manifest;
    const { data, rowSize } = this.#state.audio;
    this.#backlog.read(
      data as Float32Array,
      this.row * rowSize,
      this.#next - audio.before,
      audio.before + stepSamples + audio.after,
      this.#start,
      this.#ends[0]?.at ?? this.#backlog.end,
    );
  }

  /** Takes the results of a step, which stand in row `row` of the outputs; {@link finishStep} must follow. */
  take(tokens: ElementArray, row: number, width: number, ago: ElementArray | null): void {
    const isEarly = this.#state.steps(this.row) < this.#files.manifest.text.delaySteps;
    this.#hasSaid = false;
    // What is no number would be no time.
    this.#agoMs = ((ago?.[row] as number | undefined) || 0) * this.#files.manifest.frameMs;
    const wasKnown = this.#rule.language !== null;
    const token = this.#rule.read(tokens, row, width, isEarly ? null : this.#handlePiece);
    if (!wasKnown && this.#rule.language !== null) this.#owner?.handleLanguage(this.#rule.language);
    this.#state.accept(this.row, row, token);
  }

  /** The state of the slot is that after the step. */
  finishStep(): void {
    const { stepSamples } = this.#files.manifest;
    this.#next += stepSamples;
    const end = this.#ends[0];
    if (!end || this.#next < end.saidAt) return;
    const isTalking = this.#hasSaid && this.#next < end.saidAt + LONGEST_REST_STEPS * stepSamples;
    if (!isTalking) {
      this.#ends.shift();
      this.#sayEnd();
      this.#restart(end.at);
    }
  }

  #restart(at: number): void {
    this.#generation += 1;
    this.#start = at;
    this.#next = at;
    this.#state.reset(this.row);
    this.#rule.restart(this.#languageToTell());
  }

  /** Null: the model is to hear it. */
  #languageToTell(): CaptionLanguage | null {
    const { text } = this.#files.manifest;
    const canHear = 'languageSteps' in text && text.languageSteps !== undefined;
    return canHear && this.#owner?.isLanguageKnown === false ? null : (this.#owner?.language ?? 'fr');
  }

  #abandon(untilMs: number): void {
    const fromMs = this.saidUntilMs;
    this.#sayEnd();
    this.#owner?.handleSkipped(fromMs, untilMs);
  }

  #sayEnd(): void {
    const end = this.#pieces.end();
    if (end) this.#owner?.say(end);
  }

  #say(token: number, place: number): void {
    const { stepSamples, text } = this.#files.manifest;
    if (!this.#owner) return;
    const stepMs = this.#backlog.times.at(this.#next - text.delaySteps * stepSamples);
    const startMs = stepMs + place * this.#placeMs - this.#agoMs + (text.timeOffsetMs ?? 0);
    this.#hasSaid = true;
    const piece = this.#pieces.say(token, startMs, startMs + this.#pieceMs, this.#owner.language);
    if (piece) this.#owner.say(piece);
  }
}
