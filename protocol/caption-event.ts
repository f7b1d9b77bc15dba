/**
 * What is said about a room's captions, in the order in which it happens. Agent, gateway and viewers share it.
 *
 * Every event may be delivered twice (after a reconnect) and must then change nothing: text carries its offset
 * inside the utterance, closing and restoring are absolute. Text is append-only: what was shown never changes,
 * except through a restored utterance of a higher `revision`, which only a human correction produces.
 *
 * Times are milliseconds on the room's caption clock, which is Unix time at the agent: the moment at which a
 * sample reached the agent with the least delay seen on its track.
 */

/** Who speaks: the LiveKit participant and the publication that carries the voice. */
export interface Speaker {
  readonly identity: string;
  readonly name: string;
  readonly trackSid: string;
}

/** BCP 47 language of an utterance. The embedded models know these two. */
export type CaptionLanguage = 'fr' | 'en';

/** Who wrote the words. */
export type CaptionSource = 'machine' | 'human';

/** A speaker's turn begins. `utterance` is unique in the room, also across restarts of agents. */
export interface UtteranceOpened {
  readonly type: 'opened';
  readonly utterance: number;
  readonly speaker: Speaker;
  readonly language: CaptionLanguage;
  readonly source: CaptionSource;
  readonly startMs: number;
}

/**
 * Text is added at `offset` (UTF-16 units; equals the utterance's length so far). A piece that begins a new
 * word starts with a space, except the first of the utterance; one that does not continues the last word.
 */
export interface TextAppended {
  readonly type: 'appended';
  readonly utterance: number;
  readonly offset: number;
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** The turn is over. `length` is the length of the whole text, so that a receiver can see that it has it all. */
export interface UtteranceClosed {
  readonly type: 'closed';
  readonly utterance: number;
  readonly length: number;
  readonly endMs: number;
}

/** A whole utterance as it stands: how history is replayed, conflated, and how corrections arrive. */
export interface UtteranceRestored {
  readonly type: 'restored';
  readonly utterance: number;
  readonly speaker: Speaker;
  readonly language: CaptionLanguage;
  readonly source: CaptionSource;
  readonly startMs: number;
  /** `null` while the utterance is still open. */
  readonly endMs: number | null;
  readonly text: string;
  /** Start and end of each space-separated word of `text`, in ms after `startMs`: s0, e0, s1, e1, … */
  readonly wordTimes: readonly number[];
  /** 0 as spoken; each human correction adds one. */
  readonly revision: number;
}

export type GapReason =
  /** The captioning agent died or was cut off; speech in between was not heard. */
  | 'agent-lost'
  /** The speech engine could not keep up and skipped stale audio. */
  | 'overload'
  /** Captions were made but lost before the gateway could keep them. */
  | 'captions-lost';

/** Something between these times is missing and will not come. `identity` null: for every speaker. */
export interface CaptionGap {
  readonly type: 'gap';
  readonly identity: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: GapReason;
}

export type CaptionState =
  /** An agent has been asked to come. */
  | 'starting'
  /** An agent hears the room. */
  | 'live'
  /** The agent was lost; another is being fetched. */
  | 'interrupted'
  /** No agent can be had, see `detail`. */
  | 'unavailable'
  /** Switched off for the room by its host. */
  | 'off'
  /** The host has put the room off the record: nothing is heard, captioned or kept until further notice. */
  | 'off-record';

/** Whether the room is being captioned. `sinceMs`: since when. */
export interface CaptionStatus {
  readonly type: 'status';
  readonly state: CaptionState;
  readonly sinceMs: number;
}

/** The host has erased the room's captions: whoever holds any forgets them, gaps included. The status stays. */
export interface CaptionsErased {
  readonly type: 'erased';
  /** Gateway time. */
  readonly atMs: number;
}

export type CaptionEvent =
  | UtteranceOpened
  | TextAppended
  | UtteranceClosed
  | UtteranceRestored
  | CaptionGap
  | CaptionStatus
  | CaptionsErased;

/** A stage hands its events to the next one through this and knows nothing else of it. */
export type CaptionSink = (events: readonly CaptionEvent[], times: StageTimes | null) => void;

/**
 * When the newest audio behind a frame passed each stage. `audioMs` is its time on the caption clock; the rest
 * are microseconds after it, 0 while not yet reached. Read the difference of neighbours as a stage's latency.
 * Clocks of different hosts differ: `receivedUs` compares to `sentUs` only as well as NTP holds.
 */
export interface StageTimes {
  readonly audioMs: number;
  /** The microphone reader had the frame. */
  readonly readUs: number;
  /** The batch loop gathered it. */
  readonly gatheredUs: number;
  /** The model step (encode and decode) was over. */
  readonly steppedUs: number;
  /** The agent wrote it to the uplink. */
  readonly sentUs: number;
  /** The gateway had decoded it. */
  readonly receivedUs: number;
  /** The gateway published it to the viewers. */
  readonly publishedUs: number;
}
