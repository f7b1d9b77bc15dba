/**
 * What a model folder's manifest.json says about a step graph: an ONNX graph that hears one step of audio of B
 * streams and decides what was said. docs/speech-engine.md explains the contract; this is its exact form. What all
 * kinds of model share (name, licence, files …) is in agents/models/model-manifest.ts.
 *
 * Shapes are those of one stream: in the graph each has the batch axis before it. Sizes are in elements.
 */
import { type Static, Type } from 'typebox';
import { ModelManifest } from '../../models/model-manifest.ts';

const Name = Type.String({ minLength: 1 });
const Size = Type.Integer({ minimum: 1 });
const Count = Type.Integer({ minimum: 0 });
const Shape = Type.Array(Size, { maxItems: 6 });

/** Samples from -1 to 1, float32 [B, before + stepSamples + after]: those of the step and its neighbours. */
const Audio = Type.Object({
  input: Name,
  /** Samples before the step that are given again; zeros before the first step. */
  before: Count,
  /** Samples after the step that must have come before it can be taken. */
  after: Count,
});

/**
 * A cache that the graph only reads. It returns the new columns, `shape` with `columns` on the column axis, and
 * the engine writes them over the oldest ones. Columns are in the order of the ring, not of time.
 */
const Ring = Type.Object({
  input: Name,
  output: Name,
  shape: Shape,
  /** Which axis of `shape` is the ring. */
  columnAxis: Count,
  /** New columns a step; divides the ring's size. */
  columns: Size,
  /** When the new columns are kept: after every step (default), or only if it brought a token. */
  advance: Type.Optional(Type.Union([Type.Literal('step'), Type.Literal('token')])),
});

/** Which columns of a ring one row of its mask leaves visible. */
const MaskRow = Type.Object({
  /** Columns written in the first steps (or tokens) of a stream that stay hidden: 0 by default. */
  ignoreFirst: Type.Optional(Count),
  /** Only this many of the newest columns are visible; all by default. */
  newest: Type.Optional(Count),
});

/** Added to attention scores, float32 [B, rows, ring size]: 0 for what may be seen, -1e9 for what may not. */
const Mask = Type.Object({
  input: Name,
  /** Input name of the ring. */
  ring: Name,
  /** One row that sees all that was written, by default. */
  rows: Type.Optional(Type.Array(MaskRow, { minItems: 1 })),
});

/** State that the graph returns whole for the next step. Keep it small: outputs are copied. */
const Carry = Type.Object({
  input: Name,
  output: Name,
  shape: Shape,
  /** Value of every element at a stream's beginning: 0 by default. */
  initial: Type.Optional(Type.Number()),
});

/** int32 or int64 [B]: steps that the stream took before this one, or tokens that it was given. */
const Counter = Type.Object({
  input: Name,
  counts: Type.Union([Type.Literal('steps'), Type.Literal('tokens')]),
});

/** The token of the last step (or the last one accepted), fed back: int32 or int64 [B]. */
const Feedback = Type.Object({ input: Name, first: Count });

const TextDelay = {
  output: Name,
  /** Steps between a sound and its text. Outputs of the first `delaySteps` steps are not looked at. */
  delaySteps: Count,
  /**
   * Output float32 [B] of a graph that knows when what it says was spoken: so many steps before the one that is
   * `delaySteps` ago, or after it if negative. Without it the time of a piece is that of the step alone.
   */
  ago: Type.Optional(Name),
  /** Added to the time of every piece: what the model is known to be late by. May be negative. */
  timeOffsetMs: Type.Optional(Type.Number()),
  /** How long a piece sounds; as long as its share of a step by default. Models that say a piece at its end know no beginning. */
  pieceMs: Type.Optional(Type.Number({ minimum: 1 })),
};

/** Kyutai's scheme: one token a step, of which some only tell time. Output: int32 or int64 [B]. */
const DelayedStreams = Type.Object({
  rule: Type.Literal('delayed-streams'),
  ...TextDelay,
  feedback: Feedback,
  /** Nothing new. */
  pad: Count,
  /** The word before is complete; one may begin. */
  wordEnd: Count,
});

/** Connectionist temporal classification: `perStep` best labels a step. Output: int32 or int64 [B, perStep]. */
const Ctc = Type.Object({
  rule: Type.Literal('ctc'),
  ...TextDelay,
  perStep: Size,
  blank: Count,
});

/** A decoder that is asked once a step for the next token and may answer "wait". Output: int32 or int64 [B]. */
const TokenOrWait = Type.Object({
  rule: Type.Literal('token-or-wait'),
  ...TextDelay,
  feedback: Feedback,
  wait: Count,
  /** Tokens fed after the first, one a step, whatever the graph answers: by language of the stream. */
  prompt: Type.Optional(Type.Object({ fr: Type.Array(Count), en: Type.Array(Count) })),
  /**
   * Where the speaker's language is not known: the first token is fed again for so many steps, and what the graph then
   * answers is the first token of one of the prompts. Without it the language of such a stream is a guess.
   */
  languageSteps: Type.Optional(Size),
});

export const StepManifest = Type.Object({
  ...ModelManifest.properties,
  kind: Type.Literal('step'),
  /** `frameMs` in samples. */
  stepSamples: Size,
  /**
   * The longest utterance that the model remembers well. From then on ever shorter pauses end one; at twice the length it
   * ends wherever it is. Without it only a long pause does.
   */
  utteranceMs: Type.Optional(Type.Integer({ minimum: 1_000 })),
  /**
   * What is heard from before a voice was noticed. A model that hears better for having heard a room first asks for more
   * than the 480 ms of default; every utterance then costs it so many steps more.
   */
  preRollMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_000 })),
  /** File of the graph. */
  graph: Name,
  audio: Audio,
  rings: Type.Array(Ring),
  masks: Type.Array(Mask),
  carries: Type.Array(Carry),
  counters: Type.Array(Counter),
  text: Type.Union([DelayedStreams, Ctc, TokenOrWait]),
});

export type StepManifest = Static<typeof StepManifest>;
export type StepRing = Static<typeof Ring>;
export type StepMask = Static<typeof Mask>;
export type StepCarry = Static<typeof Carry>;
export type StepText = StepManifest['text'];
