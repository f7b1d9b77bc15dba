/** What the two halves of the streaming engine tell each other. Audio does not travel here but in shared rings. */
import type { RingPosition, SharedRing } from '../../audio/sample-ring.ts';
import type { SlotLease } from '../batch-slots.ts';
import type { SpeechOutput, StreamLanguage } from '../speech-engine.ts';
import type { LoopTimes } from './batch-loop.ts';
import type { StreamMark } from './stream-intake.ts';

export interface WorkerOptions {
  readonly modelFolder: string;
  readonly threads: number;
  /** Bound of what the machine's speed would allow. */
  readonly maxSlots: number;
  /** Slots of the thread that this one replaces: nothing needs to be measured again. */
  readonly slots?: number;
}

export type ToWorker =
  | {
      readonly type: 'open';
      readonly lease: SlotLease;
      readonly ring: SharedRing;
      /** Where the audio of this lease begins. */
      readonly from: RingPosition;
      readonly language: StreamLanguage;
    }
  | { readonly type: 'close'; readonly lease: SlotLease }
  /** Asks for `marked` when all before the mark has been said. */
  | { readonly type: 'mark'; readonly lease: SlotLease; readonly mark: StreamMark }
  | { readonly type: 'stop' };

export interface WorkerStats {
  readonly activeStreams: number;
  /** Speakers for whom there is no slot. */
  readonly waitingStreams: number;
  readonly skippedAudioMs: number;
  readonly busy: number;
  readonly loop: Readonly<LoopTimes>;
}

export interface LeasedOutput {
  readonly lease: SlotLease;
  readonly output: SpeechOutput;
}

export type FromWorker =
  | {
      readonly type: 'ready';
      readonly name: string;
      readonly sampleRateHz: number;
      readonly slots: number;
      readonly bytesPerSlot: number;
    }
  | { readonly type: 'stepped'; readonly outputs: readonly LeasedOutput[]; readonly stats: WorkerStats }
  | { readonly type: 'marked'; readonly lease: SlotLease; readonly id: number }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
