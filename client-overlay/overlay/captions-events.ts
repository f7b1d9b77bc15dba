/** What `<surtitre-captions>` tells the page that uses it. */
import type { CaptionGap, CaptionState, StageTimes } from '../../protocol/caption-event.ts';
import type { CaptionPreferences } from './caption-preferences.ts';
import type { SocketState } from './caption-socket.ts';
import type { StatusKind } from './status-message.ts';

/** Where the captions stand, for the page's own indicators. */
export interface CaptionsStatus {
  readonly active: boolean;
  readonly connection: SocketState['state'];
  /** What the gateway last said of the room; null before its first word. */
  readonly captions: CaptionState | null;
  /** The element's own words for it, as shown and read out; `none` when there is nothing to say. */
  readonly kind: StatusKind;
  readonly message: string;
}

/** A piece of text has been painted. For tests and latency panels; never log `text`. */
export interface CaptionsWord {
  readonly utterance: number;
  readonly identity: string;
  readonly offset: number;
  readonly text: string;
  /** On the caption clock. */
  readonly startMs: number;
  readonly endMs: number;
  /** `performance.now()` when the event arrived, and in the animation frame that painted it. */
  readonly receivedAt: number;
  readonly shownAt: number;
  /** Of the frame that brought it; null for history and `feed`. */
  readonly times: StageTimes | null;
}

/** Something is missing and will not come. */
export type CaptionsGap = CaptionGap;

export interface SurtitreCaptionsEvents {
  'captions-status': CustomEvent<CaptionsStatus>;
  'captions-word': CustomEvent<CaptionsWord>;
  'captions-gap': CustomEvent<CaptionsGap>;
  /** The person changed something in the element's settings. */
  'captions-preferences': CustomEvent<CaptionPreferences>;
  /** The captions went into a window of their own, or came back. */
  'captions-pop-out': CustomEvent<{ readonly out: boolean }>;
  /** The transcript was opened or closed: the page may make room for it. */
  'captions-transcript': CustomEvent<{ readonly open: boolean }>;
  /** The person wants to speak off the record, or no longer: the page does it and writes `off-record`. */
  'captions-off-record': CustomEvent<{ readonly wanted: boolean }>;
  /** A new token is needed and there is no `tokenProvider`: set `token`. */
  'token-needed': Event;
}
