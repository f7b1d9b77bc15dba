/**
 * The model's thread. One loop: drain every ring, decode all streams that are due in one batch, report, and sleep
 * when nothing is due. Under overload a round takes longer and the hop of every stream stretches with it; nothing
 * is queued but the audio in the rings, which are bounded.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { SlotLease } from '../batch-slots.ts';
import { BusyShare } from '../busy-share.ts';
import { workerFailed } from '../model-worker.ts';
import type { LeasedOutput } from '../stream-message.ts';
import { LiveStream } from './live-stream.ts';
import { LogMel } from './log-mel.ts';
import { readModelFolder } from './model-manifest.ts';
import type { SpeechTrack, TrackTools } from './speech-track.ts';
import { TokenText } from './token-text.ts';
import { stepTracks } from './track-round.ts';
import { warmUp } from './warm-up.ts';
import { WhisperModel } from './whisper-model.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-message.ts';

/** How often streams are looked at whose audio stopped coming. */
const STALL_CHECK_MS = 250;

class WindowedWorker {
  readonly #model: WhisperModel;
  readonly #tools: TrackTools;
  readonly #idle: Int32Array;
  readonly #report: (message: FromWorker) => void;
  readonly #streams = new Map<number, LiveStream>();
  readonly #busy = new BusyShare();
  #running: Promise<void> | null = null;
  #skippedAudioMs = 0;
  #steps = 0;
  #missedDeadlines = 0;

  constructor(model: WhisperModel, idle: Int32Array, report: (message: FromWorker) => void) {
    this.#model = model;
    this.#idle = idle;
    this.#report = report;
    const { files } = model;
    this.#tools = { files, mel: new LogMel(files.mel), text: new TokenText(files.vocabulary) };
  }

  handle(message: ToWorker): void {
    if (message.type === 'open') {
      this.#streams.set(message.lease.slot, new LiveStream(this.#tools, message));
    } else if (message.type === 'close') {
      if (this.#streamOf(message.lease)) this.#streams.delete(message.lease.slot);
    } else if (message.type === 'mark') {
      this.#streamOf(message.lease)?.mark(message.mark);
    }
    this.wake();
  }

  /** The stream of this very lease, or null if the slot has another holder by now. */
  #streamOf({ slot, generation }: SlotLease): LiveStream | null {
    const stream = this.#streams.get(slot);
    return stream?.lease.generation === generation ? stream : null;
  }

  /** Starts the loop unless it runs. */
  wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async close(): Promise<void> {
    this.#streams.clear();
    await this.#running;
    await this.#model.close();
  }

  async #run(): Promise<void> {
    while (true) {
      Atomics.store(this.#idle, 0, 0);
      for (const stream of this.#streams.values()) this.#skippedAudioMs += stream.drain();
      const stepped = await this.#step();
      this.#reportMarks();
      if (stepped) continue;
      Atomics.store(this.#idle, 0, 1);
      // Audio that came before the flag was up woke nobody.
      if (![...this.#streams.values()].some((stream) => stream.hasAudio)) return;
    }
  }

  /** Whether anything was due. */
  async #step(): Promise<boolean> {
    const byTrack = new Map<SpeechTrack, LiveStream>();
    for (const stream of this.#streams.values()) byTrack.set(stream.track, stream);
    const decoded = new Set<SpeechTrack>();
    const stop = this.#busy.start();
    const outcome = await stepTracks(this.#model, byTrack.keys(), (batch) => {
      this.#steps += 1;
      for (const track of batch) {
        if (track.isLate) this.#missedDeadlines += 1;
        decoded.add(track);
        byTrack.get(track)?.markGathered();
      }
    });
    if (decoded.size > 0) stop();
    const outputs: LeasedOutput[] = [];
    for (const [track, events] of outcome) {
      const stream = byTrack.get(track);
      if (!stream || events.length === 0 || this.#streams.get(stream.lease.slot) !== stream) continue;
      outputs.push({ lease: stream.lease, output: stream.output(events, decoded.has(track)) });
    }
    if (outcome.size > 0) this.#reportStep(outputs);
    return outcome.size > 0;
  }

  #reportMarks(): void {
    for (const stream of this.#streams.values()) {
      for (let id = stream.takeReachedMark(); id !== null; id = stream.takeReachedMark()) {
        this.#report({ type: 'marked', lease: stream.lease, id });
      }
    }
  }

  #reportStep(outputs: readonly LeasedOutput[]): void {
    let activeStreams = 0;
    for (const stream of this.#streams.values()) if (stream.track.isActive) activeStreams += 1;
    this.#report({
      type: 'stepped',
      outputs,
      stats: {
        activeStreams,
        skippedAudioMs: this.#skippedAudioMs,
        steps: this.#steps,
        missedDeadlines: this.#missedDeadlines,
        busy: this.#busy.share,
      },
    });
  }
}

async function main(): Promise<void> {
  if (!parentPort) throw new Error('this file runs as a worker thread');
  const port = parentPort;
  const { modelFolder, threads, idle } = workerData as WorkerOptions;
  const report = (message: FromWorker): void => port.postMessage(message);
  try {
    const files = await readModelFolder(modelFolder);
    const model = await WhisperModel.load(files, threads);
    const maxActiveStreams = await warmUp(model);
    const worker = new WindowedWorker(model, new Int32Array(idle), report);
    const stallCheck = setInterval(() => worker.wake(), STALL_CHECK_MS);
    port.on('message', (message: ToWorker) => {
      if (message.type !== 'stop') return worker.handle(message);
      clearInterval(stallCheck);
      void worker.close().then(() => port.close());
    });
    report({ type: 'ready', name: files.name, sampleRateHz: files.sampleRateHz, maxActiveStreams });
  } catch (error) {
    report(workerFailed(error));
  }
}

await main();
