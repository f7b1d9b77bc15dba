/**
 * The owner's half of the windowed engine: hands audio to the model's thread through shared rings and what was
 * said back to the streams. {@link createWindowedEngine} resolves when the model is warm.
 */
import { resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { SurtitreError } from '../../../runtime/errors.ts';
import { createSharedRing, SampleRingWriter, type SharedRing } from '../../audio/sample-ring.ts';
import { BatchSlots, type SlotLease } from '../batch-slots.ts';
import { startModelWorker, stopModelWorker } from '../model-worker.ts';
import { PendingMarks } from '../pending-marks.ts';
import {
  engineFull,
  type SpeechEngine,
  type SpeechEngineStats,
  type SpeechStream,
  type SpeechStreamOptions,
} from '../speech-engine.ts';
import type { StreamMark } from '../stream-message.ts';
import type { FromWorker, ToWorker, WorkerOptions, WorkerStats } from './worker-message.ts';

export interface WindowedEngineOptions {
  /** Folder of a model manifest of kind "windowed". */
  readonly modelFolder: string;
  /** Threads of ONNX Runtime. Default 1: more only pays while few streams speak. */
  readonly threads?: number;
  /** Streams that may be open at once, silent ones included. Default 512. */
  readonly maxStreams?: number;
  /** Script of the model's thread: tests that run from sources name the compiled one. */
  readonly workerUrl?: URL;
}

/** Audio a stream may be ahead of the model before the oldest is skipped. */
const RING_MS = 15_000;
const SHORTEST_FRAME_MS = 10;

type WorkerReady = Extract<FromWorker, { type: 'ready' }>;

/**
 * Starts the model's thread. Fails with `model-missing`, `model-broken`, `model-unsupported` or `engine-failed`.
 */
export async function createWindowedEngine(options: WindowedEngineOptions): Promise<SpeechEngine> {
  const idle = new SharedArrayBuffer(4);
  const workerData: WorkerOptions = {
    modelFolder: resolve(options.modelFolder),
    threads: options.threads ?? 1,
    idle,
  };
  const url = options.workerUrl ?? new URL('./windowed-worker.js', import.meta.url);
  const { worker, ready } = await startModelWorker<WorkerReady>(url, workerData);
  return new WindowedEngine(worker, new Int32Array(idle), ready, options.maxStreams ?? 512);
}

class WindowedEngine implements SpeechEngine {
  readonly name: string;
  readonly sampleRateHz: number;
  readonly #worker: Worker;
  readonly #idle: Int32Array;
  readonly #maxActiveStreams: number;
  readonly #slots: BatchSlots<WindowedStream>;
  /** Rings by slot, used again by later leases. */
  readonly #rings: SharedRing[] = [];
  readonly #exited: Promise<void>;
  #stats: WorkerStats = { activeStreams: 0, skippedAudioMs: 0, steps: 0, missedDeadlines: 0, busy: 0 };
  #stepDone: () => void = () => {};
  #failed: (error: Error) => void = () => {};
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(worker: Worker, idle: Int32Array, ready: WorkerReady, maxStreams: number) {
    this.name = ready.name;
    this.sampleRateHz = ready.sampleRateHz;
    this.#worker = worker;
    this.#idle = idle;
    this.#maxActiveStreams = ready.maxActiveStreams;
    this.#slots = new BatchSlots(maxStreams);
    worker.on('message', (message: FromWorker) => this.#handleMessage(message));
    worker.on('error', (error) => this.#fail(error));
    this.#exited = new Promise((resolveExit) => {
      worker.once('exit', (code) => {
        this.#fail(new SurtitreError('engine-failed', `The model's thread ended by itself (code ${code}).`));
        resolveExit();
      });
    });
  }

  /** Fails with `engine-full` when every slot is held. */
  openStream(options: SpeechStreamOptions): SpeechStream {
    const stream = new WindowedStream(this, options);
    const lease = this.#slots.acquire(stream);
    if (!lease) {
      throw engineFull(this.#slots.capacity);
    }
    const ring = this.#ringOf(lease.slot);
    const writer = new SampleRingWriter(ring);
    stream.attach(lease, writer);
    this.#post({ type: 'open', lease, ring, from: writer.position, language: options.language });
    return stream;
  }

  /** New audio lies in a ring. */
  handleAudio(): void {
    if (Atomics.exchange(this.#idle, 0, 0) === 1) this.#post({ type: 'wake' });
  }

  handleMark(lease: SlotLease, mark: StreamMark): void {
    this.#post({ type: 'mark', lease, mark });
  }

  handleStreamClosed(lease: SlotLease): void {
    this.#slots.release(lease);
    this.#post({ type: 'close', lease });
  }

  stats(): SpeechEngineStats {
    return {
      ...this.#stats,
      openStreams: this.#slots.size,
      maxActiveStreams: Math.min(this.#slots.capacity, this.#maxActiveStreams),
    };
  }

  onStepDone(listener: () => void): void {
    this.#stepDone = listener;
  }

  onFailed(listener: (error: Error) => void): void {
    this.#failed = listener;
    if (this.#failure) listener(this.#failure);
  }

  close(): Promise<void> {
    this.#closing ??= stopModelWorker(this.#worker, this.#exited);
    return this.#closing;
  }

  #handleMessage(message: FromWorker): void {
    if (message.type === 'marked') this.#slots.ownerOf(message.lease)?.handleMarked(message.id);
    if (message.type !== 'stepped') return;
    this.#stats = message.stats;
    for (const { lease, output } of message.outputs) this.#slots.ownerOf(lease)?.deliver(output);
    this.#stepDone();
  }

  #ringOf(slot: number): SharedRing {
    const samples = Math.round((this.sampleRateHz * RING_MS) / 1000);
    const ring = this.#rings[slot] ?? createSharedRing(samples, RING_MS / SHORTEST_FRAME_MS);
    this.#rings[slot] = ring;
    return ring;
  }

  #post(message: ToWorker): void {
    if (!this.#closing && !this.#failure) this.#worker.postMessage(message);
  }

  #fail(error: Error): void {
    if (this.#closing || this.#failure) return;
    this.#failure = error;
    this.#failed(error);
  }
}

const FLUSH_MARK = new Int16Array(0);

class WindowedStream implements SpeechStream {
  readonly #engine: WindowedEngine;
  readonly #options: SpeechStreamOptions;
  #lease: SlotLease | null = null;
  #writer: SampleRingWriter | null = null;
  readonly #marks = new PendingMarks();
  #writtenUntilMs = 0;

  constructor(engine: WindowedEngine, options: SpeechStreamOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  attach(lease: SlotLease, writer: SampleRingWriter): void {
    this.#lease = lease;
    this.#writer = writer;
  }

  write(samples: Int16Array, startMs: number, readMs: number): void {
    if (samples.length === 0) return;
    this.#writer?.write(samples, startMs, readMs);
    this.#writtenUntilMs = startMs + (samples.length * 1000) / this.#engine.sampleRateHz;
    this.#engine.handleAudio();
  }

  flush(): void {
    this.#writer?.write(FLUSH_MARK, 0, 0);
    this.#engine.handleAudio();
  }

  get backlogMs(): number {
    return ((this.#writer?.pendingSamples ?? 0) * 1000) / this.#engine.sampleRateHz;
  }

  mark(onReached: () => void): void {
    if (!this.#lease || !this.#writer) return;
    const { frame } = this.#writer.position;
    const id = this.#marks.add(onReached);
    this.#engine.handleMark(this.#lease, { id, frame, atMs: this.#writtenUntilMs });
  }

  handleMarked(id: number): void {
    this.#marks.reach(id);
  }

  close(): void {
    if (this.#lease) this.#engine.handleStreamClosed(this.#lease);
    this.#lease = null;
    this.#writer = null;
    this.#marks.clear();
  }

  deliver(output: Parameters<SpeechStreamOptions['onOutput']>[0]): void {
    this.#options.onOutput(output);
  }
}
