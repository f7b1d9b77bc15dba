/** What the two halves of the windowed engine tell each other, beside what is said of streams. */
import type { WorkerFailed, WorkerStop } from '../model-worker.ts';
import type { LeasedOutput, StreamMarked, ToStream } from '../stream-message.ts';

export interface WorkerOptions {
  readonly modelFolder: string;
  readonly threads: number;
  /** One 32-bit integer: 1 while the worker sleeps and wants to be woken by the next audio. */
  readonly idle: SharedArrayBuffer;
}

export type ToWorker = ToStream | { readonly type: 'wake' } | WorkerStop;

export interface WorkerStats {
  readonly activeStreams: number;
  readonly skippedAudioMs: number;
  readonly steps: number;
  readonly missedDeadlines: number;
  readonly busy: number;
}

export type FromWorker =
  | {
      readonly type: 'ready';
      readonly name: string;
      readonly sampleRateHz: number;
      readonly maxActiveStreams: number;
    }
  | StreamMarked
  | { readonly type: 'stepped'; readonly outputs: readonly LeasedOutput[]; readonly stats: WorkerStats }
  | WorkerFailed;
