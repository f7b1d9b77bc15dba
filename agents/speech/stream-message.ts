/**
 * What an engine and its model's thread tell each other about streams, whatever the model. Audio does not travel
 * here but in shared rings.
 */
import type { RingPosition, SharedRing } from '../audio/sample-ring.ts';
import type { SlotLease } from './batch-slots.ts';
import type { SpeechOutput, StreamLanguage } from './speech-engine.ts';

export interface StreamOpening {
  readonly lease: SlotLease;
  readonly ring: SharedRing;
  /** Where the audio of this lease begins. */
  readonly from: RingPosition;
  readonly language: StreamLanguage;
}

/** Between two frames: `frame` is the first one after it, `atMs` the end of the audio before it. */
export interface StreamMark {
  readonly id: number;
  readonly frame: number;
  readonly atMs: number;
}

export type ToStream =
  | ({ readonly type: 'open' } & StreamOpening)
  | { readonly type: 'close'; readonly lease: SlotLease }
  /** Asks for `marked` when all before the mark has been said. */
  | { readonly type: 'mark'; readonly lease: SlotLease; readonly mark: StreamMark };

export interface StreamMarked {
  readonly type: 'marked';
  readonly lease: SlotLease;
  readonly id: number;
}

export interface LeasedOutput {
  readonly lease: SlotLease;
  readonly output: SpeechOutput;
}
