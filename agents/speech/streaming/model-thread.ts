/**
 * The owner's half of one worker thread: starts it, hands its outputs on, and starts another when it dies. While
 * there is none, messages are not kept: whoever owns the streams opens them again in the new one.
 */
import type { Worker } from 'node:worker_threads';
import { SurtitreError } from '../../../runtime/errors.ts';
import type { SlotLease } from '../batch-slots.ts';
import { startModelWorker, stopModelWorker } from '../model-worker.ts';
import type { LeasedOutput } from '../stream-message.ts';
import type { FromWorker, ToWorker, WorkerOptions, WorkerStats } from './worker-message.ts';

/** Deaths within this time after which a thread is not started any more. */
const MAX_DEATHS = 3;
const DEATHS_WITHIN_MS = 60_000;

export type ThreadReady = Extract<FromWorker, { type: 'ready' }>;

export interface ModelThreadOptions {
  readonly url: URL;
  readonly worker: WorkerOptions;
  readonly onOutputs: (outputs: readonly LeasedOutput[]) => void;
  readonly onMarked: (lease: SlotLease, id: number) => void;
  /** The thread died; another is being started. */
  readonly onDied: () => void;
  readonly onRestarted: () => void;
  /** It dies again and again, or cannot be started. */
  readonly onFailed: (error: Error) => void;
}

const NO_STATS: WorkerStats = {
  activeStreams: 0,
  waitingStreams: 0,
  skippedAudioMs: 0,
  busy: 0,
  loop: { gatherMs: 0, stepMs: 0, scatterMs: 0, runs: 0, rows: 0, idleRows: 0, late: 0, failedRows: 0 },
};

export class ModelThread {
  readonly ready: ThreadReady;
  readonly #options: ModelThreadOptions;
  #worker: Worker | null = null;
  #stats = NO_STATS;
  #deaths: number[] = [];
  #state: 'running' | 'restarting' | 'closed' = 'running';
  #exited: Promise<unknown> = Promise.resolve();

  private constructor(options: ModelThreadOptions, worker: Worker, ready: ThreadReady) {
    this.#options = options;
    this.ready = ready;
    this.#adopt(worker);
  }

  /** Fails with `model-missing`, `model-broken`, `model-unsupported` or `engine-failed`. */
  static async start(options: ModelThreadOptions): Promise<ModelThread> {
    const { worker, ready } = await startModelWorker<ThreadReady>(options.url, options.worker);
    return new ModelThread(options, worker, ready);
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get stats(): WorkerStats {
    return this.#stats;
  }

  post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  /** At the latest after a few seconds, when the thread is ended by force. */
  async close(): Promise<void> {
    this.#state = 'closed';
    if (this.#worker) await stopModelWorker(this.#worker, this.#exited);
  }

  #adopt(worker: Worker): void {
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'marked') this.#options.onMarked(message.lease, message.id);
      if (message.type !== 'stepped') return;
      this.#stats = message.stats;
      this.#options.onOutputs(message.outputs);
    });
    // The exit that follows tells of it; without a listener the error would end the process.
    worker.on('error', () => {});
    this.#exited = new Promise<void>((resolve) => {
      worker.once('exit', (code) => {
        resolve();
        this.#handleExit(code);
      });
    });
  }

  #handleExit(code: number): void {
    if (this.#state === 'closed') return;
    this.#state = 'restarting';
    this.#worker = null;
    const nowMs = performance.now();
    this.#deaths = [...this.#deaths.filter((atMs) => nowMs - atMs < DEATHS_WITHIN_MS), nowMs];
    if (this.#deaths.length >= MAX_DEATHS) {
      const message = `The model's thread ended by itself ${MAX_DEATHS} times in a minute (code ${code}).`;
      this.#options.onFailed(new SurtitreError('engine-failed', message));
      return;
    }
    this.#options.onDied();
    void this.#restart();
  }

  async #restart(): Promise<void> {
    const { url, worker: options } = this.#options;
    try {
      const workerData: WorkerOptions = { ...options, slots: this.ready.slots };
      const { worker } = await startModelWorker<ThreadReady>(url, workerData);
      if (this.#state === 'closed') return void worker.terminate();
      this.#state = 'running';
      this.#adopt(worker);
      this.#options.onRestarted();
    } catch (error) {
      this.#options.onFailed(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
