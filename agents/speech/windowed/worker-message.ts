/** What the engine's two halves tell each other. Audio does not travel here but through the shared rings. */
import type { RingPosition, SharedRing } from '../../audio/sample-ring.ts';
import type { SlotLease } from '../batch-slots.ts';
import type { SpeechOutput, StreamLanguage } from '../speech-engine.ts';
import type { StreamMark } from './live-stream.ts';

export interface WorkerOptions {
  readonly modelFolder: string;
  readonly threads: number;
  /** One 32-bit integer: 1 while the worker sleeps and wants to be woken by the next audio. */
  readonly idle: SharedArrayBuffer;
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
  | { readonly type: 'wake' }
  | { readonly type: 'stop' };

export interface WorkerStats {
  readonly activeStreams: number;
  readonly skippedAudioMs: number;
  readonly steps: number;
  readonly missedDeadlines: number;
  readonly busy: number;
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
      readonly maxActiveStreams: number;
    }
  | { readonly type: 'marked'; readonly lease: SlotLease; readonly id: number }
  | { readonly type: 'stepped'; readonly outputs: readonly LeasedOutput[]; readonly stats: WorkerStats }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
