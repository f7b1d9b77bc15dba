/**
 * The owner's half of the streaming engine: step graphs in one or several threads, each with its own batch. A stream
 * is assigned to one of them when it opens and stays there. {@link createStreamingEngine} resolves when all are warm.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { SurtitreError } from '../../../runtime/errors.ts';
import { createSharedRing, type SharedRing } from '../../audio/sample-ring.ts';
import { BatchSlots, type SlotLease } from '../batch-slots.ts';
import {
  engineFull,
  type SpeechEngine,
  type SpeechEngineStats,
  type SpeechStream,
  type SpeechStreamOptions,
} from '../speech-engine.ts';
import type { LeasedOutput } from '../stream-message.ts';
import { LiveSpeechStream } from './live-speech-stream.ts';
import { ModelThread, type ModelThreadOptions } from './model-thread.ts';
import { STREAMING } from './streaming-settings.ts';
import type { WorkerStats } from './worker-message.ts';

export interface StreamingEngineOptions {
  /** Folder of a model manifest of kind "step". */
  readonly modelFolder: string;
  /** Worker threads, each with a batch of its own. Default: one less than there are cores, at most 8. */
  readonly workers?: number;
  /** Threads of ONNX Runtime in each of them. Default 1. */
  readonly threads?: number;
  /** Streams that may speak at once in each worker; the machine's speed may allow less. Default 64. */
  readonly maxSlots?: number;
  /** Streams that may be open at once, silent ones included. Default 2048. */
  readonly maxStreams?: number;
  /** Without any audio for this long an utterance ends (wall clock). Default {@link STREAMING.stalledMs}. */
  readonly stalledMs?: number;
  /** Script of the model's thread: tests that run from sources name the compiled one. */
  readonly workerUrl?: URL;
}

/** Fails with `model-missing`, `model-broken`, `model-unsupported` or `engine-failed`. */
export async function createStreamingEngine(options: StreamingEngineOptions): Promise<StreamingEngine> {
  const threads: ModelThread[] = [];
  const engine = { current: null as StreamingEngine | null };
  const threadOptions = (index: number): ModelThreadOptions => ({
    url: options.workerUrl ?? new URL('./streaming-worker.js', import.meta.url),
    worker: {
      modelFolder: resolve(options.modelFolder),
      threads: options.threads ?? 1,
      maxSlots: options.maxSlots ?? 64,
      stalledMs: options.stalledMs ?? STREAMING.stalledMs,
    },
    onOutputs: (outputs) => engine.current?.handleOutputs(outputs),
    onMarked: (lease, id) => engine.current?.handleMarked(lease, id),
    onDied: () => engine.current?.handleDied(index),
    onRestarted: () => engine.current?.handleRestarted(index),
    onFailed: (error) => engine.current?.handleFailed(error),
  });
  try {
    // One after the other: each measures what the machine can do.
    for (let index = 0; index < (options.workers ?? defaultWorkers()); index++) {
      threads.push(await ModelThread.start(threadOptions(index)));
    }
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.close()));
    throw error;
  }
  engine.current = new StreamingEngine(threads, options.maxStreams ?? 2_048);
  return engine.current;
}

const MOST_WORKERS = 8;

/** The main thread, with the audio of all rooms, needs a core too. */
function defaultWorkers(): number {
  return Math.min(MOST_WORKERS, Math.max(1, availableParallelism() - 1));
}

export class StreamingEngine implements SpeechEngine {
  readonly name: string;
  readonly sampleRateHz: number;
  readonly #threads: readonly ModelThread[];
  readonly #slots: BatchSlots<LiveSpeechStream>;
  readonly #streams = new Set<LiveSpeechStream>();
  #stepDone: () => void = () => {};
  #failed: (error: Error) => void = () => {};
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(threads: readonly ModelThread[], maxStreams: number) {
    this.#threads = threads;
    this.name = threads[0]?.ready.name ?? '';
    this.sampleRateHz = threads[0]?.ready.sampleRateHz ?? 0;
    this.#slots = new BatchSlots(maxStreams);
  }

  /** Figures of each thread. */
  get workerStats(): readonly WorkerStats[] {
    return this.#threads.map(({ stats }) => stats);
  }

  /** Memory of a slot's caches. */
  get bytesPerSlot(): number {
    return this.#threads[0]?.ready.bytesPerSlot ?? 0;
  }

  /** Fails with `engine-full` when every stream is open. */
  openStream(options: SpeechStreamOptions): SpeechStream {
    const thread = this.#leastLoaded();
    const stream = new LiveSpeechStream({
      ...options,
      sampleRateHz: this.sampleRateHz,
      thread,
      onClosed: () => this.#handleClosed(stream),
    });
    const lease = this.#slots.acquire(stream);
    if (!lease) {
      throw engineFull(this.#slots.capacity);
    }
    this.#streams.add(stream);
    stream.open(lease, this.#createRing());
    return stream;
  }

  stats(): SpeechEngineStats {
    let [activeStreams, maxActiveStreams, skippedAudioMs, steps, missedDeadlines, busy] = [0, 0, 0, 0, 0, 0];
    for (const { stats, ready } of this.#threads) {
      activeStreams += stats.activeStreams;
      maxActiveStreams += ready.slots;
      skippedAudioMs += stats.skippedAudioMs;
      steps += stats.loop.runs;
      missedDeadlines += stats.loop.late;
      busy = Math.max(busy, stats.busy);
    }
    const openStreams = this.#slots.size;
    return { openStreams, activeStreams, maxActiveStreams, skippedAudioMs, steps, missedDeadlines, busy };
  }

  onStepDone(listener: () => void): void {
    this.#stepDone = listener;
  }

  onFailed(listener: (error: Error) => void): void {
    this.#failed = listener;
    if (this.#failure) listener(this.#failure);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#threads.map((thread) => thread.close())).then(() => {});
    return this.#closing;
  }

  handleMarked(lease: SlotLease, id: number): void {
    this.#slots.ownerOf(lease)?.handleMarked(id);
  }

  handleOutputs(outputs: readonly LeasedOutput[]): void {
    for (const { lease, output } of outputs) this.#slots.ownerOf(lease)?.deliver(output);
    this.#stepDone();
  }

  handleDied(index: number): void {
    for (const stream of this.#streamsOf(index)) stream.handleThreadDied();
  }

  /** Its streams go on in the new thread; those who lost something are told. */
  handleRestarted(index: number): void {
    for (const stream of this.#streamsOf(index)) stream.handleThreadRestarted();
    this.#stepDone();
  }

  handleFailed(error: Error): void {
    if (this.#closing || this.#failure) return;
    this.#failure = error;
    this.#failed(error);
  }

  #streamsOf(index: number): LiveSpeechStream[] {
    return [...this.#streams].filter(({ thread }) => thread === this.#threads[index]);
  }

  #leastLoaded(): ModelThread {
    const open = (thread: ModelThread): number =>
      [...this.#streams].reduce((count, stream) => count + (stream.thread === thread ? 1 : 0), 0);
    const [first, ...others] = this.#threads;
    if (!first) throw new SurtitreError('engine-failed', 'The speech engine has no threads.');
    return others.reduce((least, thread) => (open(thread) < open(least) ? thread : least), first);
  }

  #handleClosed(stream: LiveSpeechStream): void {
    this.#streams.delete(stream);
    if (stream.lease) this.#slots.release(stream.lease);
  }

  /** Never used again: until it has heard of the close, the thread still reads for the last holder. */
  #createRing(): SharedRing {
    const { ringMs, shortestFrameMs } = STREAMING;
    return createSharedRing(Math.round((this.sampleRateHz * ringMs) / 1000), ringMs / shortestFrameMs);
  }
}
