/**
 * The model's thread. It looks at every stream each quarter of a step: new audio goes through the voice gates, and
 * whoever begins to speak gets a slot and is caught up with. On the beat, once a step's length, all slots take
 * their step together. A round that takes longer than a step makes the next beats follow at once: late streams are
 * caught up with faster than real time, and what is too late is skipped by its slot.
 */
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { nowMs } from '../../../runtime/clock.ts';
import type { SlotLease } from '../batch-slots.ts';
import { BusyShare } from '../busy-share.ts';
import { workerFailed } from '../model-worker.ts';
import type { LeasedOutput, StreamMark } from '../stream-message.ts';
import { BatchLoop } from './batch-loop.ts';
import { readStepModel } from './model-folder.ts';
import { SlotState } from './slot-state.ts';
import { SlotTable } from './slot-table.ts';
import { StepSession } from './step-session.ts';
import { type IntakeTools, type Look, StreamIntake } from './stream-intake.ts';
import { STREAMING } from './streaming-settings.ts';
import { warmUp } from './warm-up.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-message.ts';

const LOOKS_PER_STEP = 4;
/** How often figures are told when nothing else is. */
const STATS_MS = 500;

class StreamingWorker {
  readonly #session: StepSession;
  readonly #report: (message: FromWorker) => void;
  readonly #slots: SlotTable;
  readonly #loop: BatchLoop;
  readonly #tools: IntakeTools;
  readonly #stepMs: number;
  readonly #streams = new Map<number, StreamIntake>();
  /** Who speaks without a slot, the longest waiting first. */
  readonly #waiting = new Set<StreamIntake>();
  readonly #telling = new Set<StreamIntake>();
  /** Streams with marks that were not reached yet. */
  readonly #marked = new Set<StreamIntake>();
  readonly #messages: ToWorker[] = [];
  readonly #busy = new BusyShare();
  readonly #look: Look = { nowMs: 0, untilBeatMs: 0 };
  #wake: () => void = () => {};
  #beatMs = 0;
  #gatheredMs = 0;
  #toldMs = 0;
  #closedSkippedMs = 0;
  #isClosing = false;

  constructor(session: StepSession, slots: number, stalledMs: number, report: (message: FromWorker) => void) {
    const { files } = session;
    const { sampleRateHz, stepSamples, utteranceMs, audio, languages } = files.manifest;
    this.#session = session;
    this.#report = report;
    this.#slots = new SlotTable(files, new SlotState(session, slots));
    this.#loop = new BatchLoop(session, this.#slots);
    this.#stepMs = (stepSamples * 1000) / sampleRateHz;
    this.#tools = {
      sampleRateHz,
      stepSamples,
      after: audio.after,
      languages,
      utteranceMs,
      preRollMs: files.preRollMs,
      stalledMs,
      buffer: new Int16Array(Math.round((sampleRateHz * STREAMING.ringMs) / 1000)),
      lease: (stream) => this.#lease(stream),
      handleGivenUp: (stream) => this.#waiting.delete(stream),
      handleEvent: (stream) => this.#telling.add(stream),
    };
  }

  get bytesPerSlot(): number {
    return this.#slots.state.bytesPerSlot;
  }

  /** Taken to heart before the next round: during one, rows must not change. */
  handle(message: ToWorker): void {
    this.#messages.push(message);
    if (message.type !== 'close') this.#wake();
  }

  /** Resolves when told to stop. */
  async run(): Promise<void> {
    while (true) {
      this.#applyMessages();
      if (this.#isClosing) break;
      if (this.#streams.size === 0) {
        await this.#sleep(null);
        continue;
      }
      const stop = this.#busy.start();
      const isLate = await this.#turn();
      stop();
      if (!isLate)
        await this.#sleep(Math.min(this.#stepMs / LOOKS_PER_STEP, this.#beatMs - performance.now()));
    }
    await this.#session.close();
  }

  /** One look at everything. Returns whether there is more to do at once. */
  async #turn(): Promise<boolean> {
    const startMs = performance.now();
    const onBeat = startMs >= this.#beatMs;
    if (onBeat) {
      const nextMs = this.#beatMs + this.#stepMs;
      this.#beatMs = nextMs > startMs ? nextMs : startMs + this.#stepMs;
    }
    this.#look.nowMs = nowMs();
    this.#look.untilBeatMs = onBeat ? 0 : this.#beatMs - startMs;
    this.#gatheredMs = this.#look.nowMs;
    for (const stream of this.#streams.values()) stream.drain(this.#look);
    const stepped = await this.#loop.round(onBeat);
    this.#releaseSlots();
    this.#tell();
    this.#tellMarks();
    return stepped > 0 && this.#slots.active.some((slot) => slot.isCatchingUp);
  }

  #applyMessages(): void {
    for (const message of this.#messages) {
      if (message.type === 'open')
        this.#streams.set(message.lease.slot, new StreamIntake(this.#tools, message));
      else if (message.type === 'stop') this.#isClosing = true;
      else if (message.type === 'mark') this.#mark(message.lease, message.mark);
      else this.#closeStream(message.lease);
    }
    this.#messages.length = 0;
  }

  /** The stream of this very lease, or null if the slot has another holder by now. */
  #streamOf({ slot, generation }: SlotLease): StreamIntake | null {
    const stream = this.#streams.get(slot);
    return stream?.lease.generation === generation ? stream : null;
  }

  #closeStream(lease: SlotLease): void {
    const stream = this.#streamOf(lease);
    if (!stream) return;
    this.#streams.delete(lease.slot);
    this.#waiting.delete(stream);
    this.#telling.delete(stream);
    this.#marked.delete(stream);
    this.#closedSkippedMs += stream.skippedMs;
    if (stream.slot) this.#slots.release(stream.slot);
    this.#offerSlots();
  }

  #mark(lease: SlotLease, mark: StreamMark): void {
    const stream = this.#streamOf(lease);
    if (!stream) return;
    stream.mark(mark);
    this.#marked.add(stream);
  }

  #lease(stream: StreamIntake): ReturnType<SlotTable['lease']> {
    const slot = this.#slots.lease(stream);
    if (!slot) this.#waiting.add(stream);
    return slot;
  }

  #releaseSlots(): void {
    const { active } = this.#slots;
    for (let row = active.length - 1; row >= 0; row--) {
      const slot = active[row];
      if (!slot?.isOver) continue;
      const owner = slot.owner as StreamIntake;
      this.#slots.release(slot);
      owner.handleReleased();
    }
    this.#offerSlots();
  }

  #offerSlots(): void {
    for (const stream of this.#waiting) {
      const slot = this.#slots.lease(stream);
      if (!slot) return;
      this.#waiting.delete(stream);
      stream.take(slot, this.#look);
    }
  }

  #tell(): void {
    if (this.#telling.size === 0 && this.#gatheredMs - this.#toldMs < STATS_MS) return;
    const outputs: LeasedOutput[] = [];
    for (const stream of this.#telling) {
      outputs.push({
        lease: stream.lease,
        output: {
          events: stream.events.slice(),
          audioMs: stream.heardMs,
          readMs: stream.readMs,
          gatheredMs: this.#gatheredMs,
          steppedMs: nowMs(),
        },
      });
      stream.events.length = 0;
    }
    this.#telling.clear();
    this.#toldMs = this.#gatheredMs;
    let skippedAudioMs = this.#closedSkippedMs;
    for (const stream of this.#streams.values()) skippedAudioMs += stream.skippedMs;
    this.#report({
      type: 'stepped',
      outputs,
      stats: {
        activeStreams: this.#slots.active.length,
        waitingStreams: this.#waiting.size,
        skippedAudioMs,
        busy: this.#busy.share,
        loop: { ...this.#loop.times },
      },
    });
  }

  #tellMarks(): void {
    for (const stream of this.#marked) {
      for (let id = stream.takeReachedMark(); id !== null; id = stream.takeReachedMark()) {
        this.#report({ type: 'marked', lease: stream.lease, id });
      }
      if (!stream.hasMarks) this.#marked.delete(stream);
    }
  }

  /** Until woken by a message, at the latest after `ms` if that is given. */
  #sleep(ms: number | null): Promise<void> {
    if (this.#messages.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === null ? undefined : setTimeout(resolve, Math.max(0, ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function start(
  options: WorkerOptions,
  report: (message: FromWorker) => void,
): Promise<StreamingWorker> {
  const files = await readStepModel(options.modelFolder);
  const session = await StepSession.load(files, options.threads);
  const slots = options.slots ?? (await warmUp(session, options.maxSlots));
  const worker = new StreamingWorker(session, slots, options.stalledMs, report);
  const { name, sampleRateHz } = files.manifest;
  report({ type: 'ready', name, sampleRateHz, slots, bytesPerSlot: worker.bytesPerSlot });
  return worker;
}

async function main(): Promise<void> {
  if (!parentPort) throw new Error('this file runs as a worker thread');
  const port = parentPort;
  const report = (message: FromWorker): void => port.postMessage(message);
  let worker: StreamingWorker;
  try {
    worker = await start(workerData as WorkerOptions, report);
  } catch (error) {
    report(workerFailed(error));
    return;
  }
  port.on('message', (message: ToWorker) => worker.handle(message));
  // What fails from here on ends the thread; its owner starts another.
  await worker.run();
  port.close();
}

await main();
