/** What the two halves of the streaming engine tell each other, beside what is said of streams. */
import type { WorkerFailed, WorkerStop } from '../model-worker.ts';
import type { LeasedOutput, StreamMarked, ToStream } from '../stream-message.ts';
import type { LoopTimes } from './batch-loop.ts';

export interface WorkerOptions {
  readonly modelFolder: string;
  readonly threads: number;
  /** Bound of what the machine's speed would allow. */
  readonly maxSlots: number;
  /** Without any audio for this long an utterance ends (wall clock). */
  readonly stalledMs: number;
  /** Slots of the thread that this one replaces: nothing needs to be measured again. */
  readonly slots?: number;
}

export type ToWorker = ToStream | WorkerStop;

export interface WorkerStats {
  readonly activeStreams: number;
  /** Speakers for whom there is no slot. */
  readonly waitingStreams: number;
  readonly skippedAudioMs: number;
  readonly busy: number;
  readonly loop: Readonly<LoopTimes>;
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
  | StreamMarked
  | WorkerFailed;
