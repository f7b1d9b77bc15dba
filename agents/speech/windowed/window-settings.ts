/** Every number that decides how the windowed engine listens, in one place; docs/decisions/0007 says why. */
export const WINDOW = {
  /** A window is decoded again when this much new audio has come, if the model is free. */
  hopMs: 500,
  /** While no word is heard the hop grows up to so many times its length. */
  longestHop: 4,
  /** Of a window without a word only this much is kept. */
  wordlessMs: 2_000,
  /** The first decoding of an utterance waits for this much audio. */
  firstMs: 1_200,
  /** Kept from before the gate opened. */
  preRollMs: 400,
  /** Quiet for this long: decode at once, the words before it can no longer change. */
  pauseMs: 300,
  /** A window's length is known to a frame or two only. */
  pauseSlackMs: 60,
  /** Quiet for this long ends the utterance. */
  endMs: 800,
  /** Words that end this close to the window's end are not said yet. */
  holdBackMs: 400,
  /** Words that the model was unsure of wait for up to so much more audio. */
  doubtMs: 2_500,
  /** Windows longer than this lose the audio of committed words. */
  trimMs: 8_000,
  /** The same while the model cannot keep up: shorter windows cost less. */
  lateTrimMs: 5_000,
  /** This much audio of committed words stays: said again as a prefix it tells the model where it is. */
  keepMs: 1_000,
  /** A jump of the clock of at least this much ends the utterance; a shorter one is filled with silence. */
  jumpMs: 400,
  /** Without any audio for this long the utterance ends (wall clock, only when live). */
  stalledMs: 1_000,
  /** Audio that must be heard before a language is chosen. */
  languageMs: 1_000,
  /** Logit difference that overrules the language a stream has had so far. */
  languageMargin: 2,
  /** Speech may begin or end so softly that the gate does not hear this much of it. */
  softMs: 40,
  /** The alignment puts words this much too early (bench/word-times.ts). */
  alignmentLeadMs: 40,
  tokensBase: 8,
  tokensPerSecond: 6,
} as const;

/** A decoding is not believed when it is unlikely speech, or its words are guesses. */
export const DOUBT = {
  noSpeech: 0.6,
  meanLogprob: -1.3,
  hopelessMeanLogprob: -2.2,
} as const;
