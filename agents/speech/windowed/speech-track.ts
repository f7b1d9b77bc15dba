/**
 * One stream: what it hears, the draft of what that means, and what has been said of it. It decides when it is
 * due, states what is to be decoded, and turns the result into final text. It does no decoding and has no clock
 * of its own, so that a file read at full speed and a live voice take the same decisions.
 *
 * Its owner calls `hear` only while `canHear`, and `apply` with the result of each `request`.
 */
import type { SpeechEvent, StreamLanguage } from '../speech-engine.ts';
import { LanguageChoice } from './language-choice.ts';
import type { LogMel } from './log-mel.ts';
import type { WindowedModelFiles } from './model-manifest.ts';
import { SpeechIntake } from './speech-intake.ts';
import { SpeechWindow } from './speech-window.ts';
import type { TokenText } from './token-text.ts';
import { trimPoint } from './trim-point.ts';
import { UtteranceText } from './utterance-text.ts';
import type { WindowRequest, WindowResult } from './window-decoder.ts';
import { DOUBT, WINDOW } from './window-settings.ts';
import { agreedTokens, committableTokens } from './word-agreement.ts';
import { tokenStarts } from './word-timing.ts';

/** What tracks of one model share. */
export interface TrackTools {
  readonly files: WindowedModelFiles;
  readonly mel: LogMel;
  readonly text: TokenText;
}

export class SpeechTrack {
  readonly #tools: TrackTools;
  readonly #window: SpeechWindow;
  readonly #intake: SpeechIntake;
  readonly #language: LanguageChoice;
  readonly #said: UtteranceText;
  /** Tokens of the present window that are said. */
  #committed: number[] = [];
  /** Tokens after them in the last decoding. */
  #draft: readonly number[] = [];
  /** Frames that the last decoding heard. */
  #decodedFrames = 0;
  /** Decodings in a row in which no word was heard: noise is decoded more rarely. */
  #wordlessRuns = 0;

  constructor(tools: TrackTools, language: StreamLanguage) {
    const { files, mel, text } = tools;
    this.#tools = tools;
    this.#window = new SpeechWindow(mel, files.sampleRateHz, files.maxWindowFrames);
    this.#intake = new SpeechIntake(this.#window, files.sampleRateHz);
    this.#language = new LanguageChoice(language);
    this.#said = new UtteranceText(text);
  }

  /** In speech: costs model steps. */
  get isActive(): boolean {
    return this.#intake.isOpen;
  }

  get canHear(): boolean {
    return this.#intake.canHear;
  }

  /** Caption-clock time of the end of what was heard. */
  get heardMs(): number {
    return this.#intake.heardMs;
  }

  /** Up to when nothing more will be said; infinite in a pause. */
  get saidUntilMs(): number {
    return this.#intake.isOpen ? this.#said.endMs : Number.POSITIVE_INFINITY;
  }

  /** New audio since the last decoding, in ms. */
  get newMs(): number {
    return (this.#window.frames - this.#decodedFrames) * this.#tools.files.frameMs;
  }

  /** The model was busy for so long that this decoding comes a whole hop too late. */
  get isLate(): boolean {
    return this.newMs >= 2 * WINDOW.hopMs && this.#decodedFrames > 0;
  }

  get isDue(): boolean {
    if (!this.#intake.isOpen) return false;
    if (this.#intake.isEnding || this.#window.isFull) return true;
    if (this.#intake.quietMs >= WINDOW.pauseMs) return !this.#hasDecodedPause();
    const firstMs = this.#language.isSettled ? WINDOW.firstMs : WINDOW.languageMs;
    if (this.#window.lengthMs < firstMs) return false;
    return this.newMs >= WINDOW.hopMs * Math.min(1 + this.#wordlessRuns, WINDOW.longestHop);
  }

  hear(samples: Int16Array, startMs: number, lostMs = 0): void {
    this.#intake.hear(samples, startMs, lostMs);
  }

  /** Ends the utterance: everything heard becomes text. */
  flush(): void {
    this.#intake.end();
  }

  /** What can be said without a decoding (the end of an utterance whose pause was heard already), or null. */
  takeSettled(): SpeechEvent[] | null {
    if (this.#intake.isEnding && this.#hasDecodedPause()) return this.#finish();
    return this.#intake.hasSkipped && !this.#intake.isOpen ? this.#intake.takeSkipped() : null;
  }

  /** The decoding that is due. */
  request(): WindowRequest {
    const { tokens } = this.#tools.files;
    const language = this.#language.current === 'fr' ? tokens.fr : tokens.en;
    const seconds = this.#window.lengthMs / 1000;
    return {
      frames: this.#window.frames,
      writeMel: (target, offset, columns) => this.#window.writeNormalised(target, offset, columns),
      prompt: [tokens.startOfTranscript, language, tokens.transcribe, tokens.noTimestamps],
      startIndex: 0,
      committed: this.#committed,
      draft: this.#draft,
      maxTokens: Math.round(WINDOW.tokensBase + WINDOW.tokensPerSecond * seconds) - this.#committed.length,
    };
  }

  /** Takes the result of {@link request}. The window must not have changed in between. */
  apply(result: WindowResult): SpeechEvent[] {
    const mayChoose = this.#window.lengthMs >= WINDOW.languageMs || this.#intake.isEnding;
    if (mayChoose && !this.#said.hasText && this.#language.hear(result.language)) {
      // Decoded in the other language: once more, before anything is said.
      this.#draft = [];
      this.#decodedFrames = 0;
      return [];
    }
    const longestMs = this.isLate ? WINDOW.lateTrimMs : WINDOW.trimMs;
    this.#decodedFrames = this.#window.frames;
    const tokens = isBelievable(result) && this.#language.isSettled ? result.tokens : [];
    const allStarts = tokenStarts(result.attention);
    const starts = allStarts.slice(this.#committed.length);
    const agreed = agreedTokens(this.#draft, tokens, this.#tools.text);
    this.#draft = tokens;
    this.#said.setTimes(
      tokens,
      starts.map((frame) => this.#timeOf(frame)),
    );
    this.#wordlessRuns = tokens.length === 0 && !this.#said.hasText ? this.#wordlessRuns + 1 : 0;
    if (this.#intake.isEnding) return this.#finish();

    const count = committableTokens(
      { tokens, agreed, starts, logprobs: result.logprobs },
      {
        windowFrames: this.#window.frames,
        holdBackFrames: this.#framesOf(WINDOW.holdBackMs),
        doubtFrames: this.#framesOf(WINDOW.doubtMs),
      },
      this.#tools.text,
    );
    const events = this.#commit(count);
    this.#trim(allStarts, longestMs);
    events.push(...this.#intake.takeSkipped());
    return events;
  }

  /** Whether the last decoding heard the pause that the window now ends in. */
  #hasDecodedPause(): boolean {
    const decodedMs = this.#decodedFrames * this.#tools.files.frameMs;
    return decodedMs + WINDOW.pauseSlackMs >= this.#intake.spokenMs + WINDOW.pauseMs;
  }

  #commit(count: number): SpeechEvent[] {
    if (count === 0) return [];
    const events = this.#said.say(count, this.#language.current);
    this.#committed = [...this.#committed, ...this.#draft.slice(0, count)];
    this.#draft = this.#draft.slice(count);
    return events;
  }

  #finish(): SpeechEvent[] {
    const events = this.#commit(this.#draft.length);
    if (this.#said.hasText) events.push({ type: 'end', endMs: this.#said.endMs });
    this.#said.reset();
    this.#committed = [];
    this.#draft = [];
    this.#decodedFrames = 0;
    this.#wordlessRuns = 0;
    events.push(...this.#intake.takeSkipped());
    this.#intake.restart();
    return events;
  }

  /** Drops audio that is no longer needed; `starts` of the committed tokens and those after them. */
  #trim(starts: readonly number[], longestMs: number): void {
    const { frames } = this.#window;
    if (this.#wordlessRuns > 0) this.#keepFrom(frames - this.#framesOf(WINDOW.wordlessMs), 0);
    if (this.#window.lengthMs < longestMs) return;
    const cut = trimPoint(this.#committed, starts, this.#framesOf(WINDOW.keepMs), this.#tools.text);
    if (cut && cut.frame > frames / 4) {
      this.#keepFrom(cut.frame, this.#committed.length - cut.token);
    } else if (this.#window.isFull) {
      // Nothing was agreed on for a whole window: give up its older half.
      this.#keepFrom(Math.floor(frames / 2), 0);
      this.#draft = [];
    }
  }

  /** Drops the window's audio before a frame, and all committed tokens but the last `tokens`. */
  #keepFrom(frame: number, tokens: number): void {
    const dropped = Math.min(frame, this.#window.frames);
    if (dropped <= 0) return;
    this.#window.dropFirst(dropped);
    this.#decodedFrames = Math.max(0, this.#decodedFrames - dropped);
    this.#committed = tokens === 0 ? [] : this.#committed.slice(-tokens);
  }

  /** Caption-clock time of a frame. The alignment gives silence to the words beside it; the gate knows better. */
  #timeOf(frame: number): number {
    const { frameMs } = this.#tools.files;
    const first = (this.#intake.silentMs - WINDOW.softMs) / frameMs;
    const last = Math.max(first, (this.#intake.spokenMs + WINDOW.softMs) / frameMs);
    const late = frame + WINDOW.alignmentLeadMs / frameMs;
    return this.#window.timeAt(Math.min(last, Math.max(0, first, late)));
  }

  #framesOf(ms: number): number {
    return Math.round(ms / this.#tools.files.frameMs);
  }
}

function isBelievable(result: WindowResult): boolean {
  if (result.tokens.length === 0) return true;
  const mean = result.logprobs.reduce((sum, value) => sum + value, 0) / result.logprobs.length;
  if (mean < DOUBT.hopelessMeanLogprob) return false;
  return !(result.noSpeech > DOUBT.noSpeech && mean < DOUBT.meanLogprob);
}
