/**
 * One stream's listening: gate, window, draft, and what has been said of it. It decides when it is due, states
 * what is to be decoded, and turns the result into final text. It does no decoding and has no clock of its own,
 * so that a file read at full speed and a live voice take the same decisions.
 *
 * Its owner calls `hear` only while `canHear`, and `apply` with the result of each `request`.
 */
import type { SpeechEvent, StreamLanguage } from '../speech-engine.ts';
import { LanguageChoice } from './language-choice.ts';
import type { LogMel } from './log-mel.ts';
import type { WindowedModelFiles } from './model-manifest.ts';
import { PreRoll } from './pre-roll.ts';
import { SpeechWindow } from './speech-window.ts';
import type { TokenText } from './token-text.ts';
import { UtteranceText } from './utterance-text.ts';
import { VoiceGate } from './voice-gate.ts';
import type { WindowRequest, WindowResult } from './window-decoder.ts';
import { DOUBT, WINDOW } from './window-settings.ts';
import { committableTokens } from './word-agreement.ts';
import { tokenStarts } from './word-timing.ts';

/** What tracks of one model share. */
export interface TrackTools {
  readonly files: WindowedModelFiles;
  readonly mel: LogMel;
  readonly text: TokenText;
}

interface HeldFrame {
  readonly samples: Int16Array;
  readonly startMs: number;
}

export class SpeechTrack {
  readonly #tools: TrackTools;
  readonly #gate: VoiceGate;
  readonly #preRoll: PreRoll;
  readonly #window: SpeechWindow;
  readonly #language: LanguageChoice;
  readonly #said: UtteranceText;
  /** Tokens of the present window that are said. */
  #committed: number[] = [];
  /** Tokens after them in the last decoding. */
  #draft: readonly number[] = [];
  /** Frames that the last decoding heard. */
  #decodedFrames = 0;
  /** The last decoding heard the pause that the window now ends in. */
  #decodedPause = false;
  /** Decodings in a row in which nothing was heard: noise gets rarer ones. */
  #emptyRuns = 0;
  #ending = false;
  /** Came after a jump of the clock; heard when the utterance before it has ended. */
  #held: HeldFrame | null = null;
  #endMs = 0;
  /** Audio that was lost before it could be heard, not yet told. */
  #skipped: SpeechEvent[] = [];

  constructor(tools: TrackTools, language: StreamLanguage) {
    const { files } = tools;
    this.#tools = tools;
    this.#gate = new VoiceGate(files.sampleRateHz);
    this.#preRoll = new PreRoll(files.sampleRateHz, WINDOW.preRollMs);
    this.#window = new SpeechWindow(tools.mel, files.sampleRateHz, files.maxWindowFrames);
    this.#language = new LanguageChoice(language);
    this.#said = new UtteranceText(tools.text);
  }

  /** In speech: costs model steps. */
  get isActive(): boolean {
    return this.#gate.isOpen;
  }

  /** Whether more audio may be heard before the next decoding. */
  get canHear(): boolean {
    return !this.#ending && this.#held === null && !this.#window.isFull;
  }

  /** Caption-clock time of the end of what was heard. */
  get heardMs(): number {
    return this.#endMs;
  }

  /** New audio since the last decoding, in ms. */
  get newMs(): number {
    return (this.#window.frames - this.#decodedFrames) * this.#tools.files.frameMs;
  }

  get isDue(): boolean {
    if (!this.#gate.isOpen) return false;
    if (this.#ending || this.#window.isFull) return true;
    if (this.#gate.quietMs >= WINDOW.pauseMs) return !this.#decodedPause;
    if (this.#window.lengthMs < this.#firstMs()) return false;
    return this.newMs >= WINDOW.hopMs * Math.min(1 + this.#emptyRuns, WINDOW.longestHop);
  }

  /** Hears a frame whose first sample is at `startMs`, `afterLoss` of others; copies what it keeps. */
  hear(samples: Int16Array, startMs: number, afterLoss = false): void {
    const jumpMs = this.#endMs === 0 ? 0 : startMs - this.#endMs;
    if (afterLoss) this.#skipped.push({ type: 'skipped', fromMs: this.#endMs || startMs, toMs: startMs });
    const frameMs = this.#durationMs(samples.length);
    if (this.#gate.isOpen && jumpMs >= WINDOW.jumpMs) {
      this.#held = { samples: samples.slice(), startMs };
      this.#ending = true;
      return;
    }
    if (jumpMs >= WINDOW.jumpMs) this.#preRoll.clear();
    else if (jumpMs > frameMs) this.#hearPiece(new Int16Array(this.#samplesOf(jumpMs)), this.#endMs);
    this.#hearPiece(samples, startMs);
  }

  /** Ends the utterance: everything heard becomes text. */
  flush(): void {
    if (this.#gate.isOpen) this.#ending = true;
  }

  /** What can be said without a decoding (the end of an utterance whose pause was heard already), or null. */
  takeSettled(): SpeechEvent[] | null {
    if (this.#ending && this.#decodedPause) return this.#finish();
    return this.#skipped.length > 0 && !this.#gate.isOpen ? this.#takeSkipped() : null;
  }

  /** The decoding that is due. */
  request(): WindowRequest {
    const { tokens } = this.#tools.files;
    const language = this.#language.current === 'fr' ? tokens.fr : tokens.en;
    return {
      frames: this.#window.frames,
      writeMel: (target, offset, columns) => this.#window.writeNormalised(target, offset, columns),
      prompt: [tokens.startOfTranscript, language, tokens.transcribe, tokens.noTimestamps],
      startIndex: 0,
      committed: this.#committed,
      draft: this.#draft,
      maxTokens: Math.round(
        WINDOW.tokensBase + (WINDOW.tokensPerSecond * this.#window.lengthMs) / 1000 - this.#committed.length,
      ),
    };
  }

  /** Takes the result of {@link request}. The window must not have changed in between. */
  apply(result: WindowResult): SpeechEvent[] {
    const mayChoose = this.#window.lengthMs >= WINDOW.languageMs || this.#ending;
    if (mayChoose && !this.#said.hasText && this.#language.hear(result.language)) {
      // Decoded in the other language: once more, before anything is said.
      this.#forgetDraft();
      return [];
    }
    this.#decodedFrames = this.#window.frames;
    this.#decodedPause = this.#gate.quietMs >= WINDOW.pauseMs;
    const believed = isBelievable(result) && (mayChoose || this.#language.isSettled);
    const starts = tokenStarts(result.attention).slice(this.#committed.length);
    const tokens = believed ? result.tokens : [];
    const hypothesis = { tokens, agreed: Math.min(result.agreed, tokens.length), starts };
    this.#draft = tokens;
    this.#said.setTimes(
      tokens,
      starts.map((frame) => this.#window.timeAt(frame)),
    );
    this.#emptyRuns = tokens.length === 0 && !this.#said.hasText ? this.#emptyRuns + 1 : 0;
    if (this.#ending) return this.#finish();

    const count = committableTokens(
      hypothesis,
      { windowFrames: this.#window.frames, holdBackFrames: this.#framesOf(WINDOW.holdBackMs) },
      this.#tools.text,
    );
    const events = this.#commit(count);
    this.#trim(starts, count);
    events.push(...this.#takeSkipped());
    return events;
  }

  #firstMs(): number {
    return this.#language.isSettled ? WINDOW.firstMs : WINDOW.languageMs;
  }

  #hearPiece(samples: Int16Array, startMs: number): void {
    this.#endMs = startMs + this.#durationMs(samples.length);
    const wasOpen = this.#gate.isOpen;
    const opened = this.#gate.hear(samples) === 'opened';
    if (wasOpen) {
      this.#window.push(samples, startMs);
      if (this.#gate.quietMs < WINDOW.pauseMs) this.#decodedPause = false;
      if (this.#gate.quietMs >= WINDOW.endMs) this.#ending = true;
      return;
    }
    if (!opened) {
      this.#preRoll.push(samples, startMs);
      return;
    }
    this.#window.clear();
    if (this.#preRoll.samples.length > 0) this.#window.push(this.#preRoll.samples, this.#preRoll.startMs);
    this.#preRoll.clear();
    this.#window.push(samples, startMs);
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
    this.#forgetDraft();
    this.#window.clear();
    this.#gate.close();
    this.#emptyRuns = 0;
    this.#ending = false;
    events.push(...this.#takeSkipped());
    const held = this.#held;
    this.#held = null;
    if (held) this.#hearPiece(held.samples, held.startMs);
    return events;
  }

  #takeSkipped(): SpeechEvent[] {
    const skipped = this.#skipped;
    this.#skipped = [];
    return skipped;
  }

  #forgetDraft(): void {
    this.#draft = [];
    this.#decodedFrames = 0;
    this.#decodedPause = false;
  }

  /** Drops the audio of committed words when the window has grown long; `starts` as after the last commit. */
  #trim(starts: readonly number[], said: number): void {
    if (this.#emptyRuns > 0) this.#keepLast(WINDOW.wordlessMs);
    if (this.#window.lengthMs < WINDOW.trimMs) return;
    const frames = this.#window.frames;
    const cut = starts[said] ?? 0;
    if (said > 0 || this.#committed.length > 0) {
      const at = Math.min(cut, frames);
      if (at > frames / 4) {
        this.#window.dropFirst(at);
        this.#decodedFrames = Math.max(0, this.#decodedFrames - at);
        this.#committed = [];
        return;
      }
    }
    // Nothing was agreed on for a whole window: give up its older half.
    if (this.#window.isFull) this.#keepLast(this.#window.lengthMs / 2);
  }

  #keepLast(ms: number): void {
    const dropped = this.#window.frames - this.#framesOf(ms);
    if (dropped <= 0) return;
    this.#window.dropFirst(dropped);
    this.#committed = [];
    this.#draft = [];
    this.#decodedFrames = this.#window.frames;
  }

  #durationMs(samples: number): number {
    return (samples * 1000) / this.#tools.files.sampleRateHz;
  }

  #samplesOf(ms: number): number {
    return Math.round((ms * this.#tools.files.sampleRateHz) / 1000);
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
