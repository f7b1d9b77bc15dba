/**
 * One round of the engine: every slot that has a step's audio takes one step. Three phases, as in any batched
 * recogniser: *gather* the audio of the slots into the batch, *step* the graph over it, *scatter* what it returned.
 * Slots are leased and given back between rounds only.
 */
import { performance } from 'node:perf_hooks';
import type { ElementArray } from './slot-array.ts';
import type { SlotTable } from './slot-table.ts';
import type { SpeechSlot } from './speech-slot.ts';
import { outputData, type StepSession } from './step-session.ts';
import { STREAMING } from './streaming-settings.ts';

/** Sums since the loop began; a reader takes differences. */
export interface LoopTimes {
  gatherMs: number;
  stepMs: number;
  scatterMs: number;
  /** Runs of the graph, rows in them, and rows that only lay between. */
  runs: number;
  rows: number;
  idleRows: number;
  /** Steps taken more than one step's length after their time. */
  late: number;
  /** Rows whose results could not be used. */
  failedRows: number;
}

export class BatchLoop {
  readonly times: LoopTimes = {
    gatherMs: 0,
    stepMs: 0,
    scatterMs: 0,
    runs: 0,
    rows: 0,
    idleRows: 0,
    late: 0,
    failedRows: 0,
  };
  readonly #session: StepSession;
  readonly #slots: SlotTable;
  /** The slots of the run in progress and the generations they had; null: the row only lies between. */
  readonly #rows: (SpeechSlot | null)[] = [];
  readonly #generations: number[] = [];

  constructor(session: StepSession, slots: SlotTable) {
    this.#session = session;
    this.#slots = slots;
  }

  /**
   * One step for every slot that is ready; between the beats of the engine (`onBeat` false) only for those that
   * are catching up. Returns the number of rows that were stepped.
   */
  async round(onBeat: boolean): Promise<number> {
    const { active } = this.#slots;
    let stepped = 0;
    for (let first = 0; first < active.length; ) {
      const count = this.#gather(first, onBeat);
      if (count === 0) {
        first += 1;
        continue;
      }
      stepped += count;
      await this.#step(first, count);
      first += count;
    }
    for (let row = 0; row < active.length; row++) {
      const slot = active[row] as SpeechSlot;
      slot.isCatchingUp = slot.isReady;
      if (!slot.isCatchingUp) slot.isNew = false;
    }
    return stepped;
  }

  /** Fills the rows of the next run, which begins at `first`; returns how many there are, 0 if that slot is not due. */
  #gather(first: number, onBeat: boolean): number {
    const startMs = performance.now();
    const { active } = this.#slots;
    let count = 0;
    for (let row = first; row < active.length && row - first - count <= STREAMING.bridgedRows; row++) {
      const slot = active[row] as SpeechSlot;
      if (!slot.isReady || !(onBeat || slot.isCatchingUp)) {
        if (count === 0) return 0;
        continue;
      }
      for (let between = first + count; between < row; between++) this.#rows[between - first] = null;
      count = row - first + 1;
      this.#rows[row - first] = slot;
      this.#generations[row - first] = slot.generation;
      if (slot.isBehind && !slot.isNew) this.times.late += 1;
      slot.fill();
    }
    this.times.gatherMs += performance.now() - startMs;
    return count;
  }

  async #step(first: number, count: number): Promise<void> {
    const { state } = this.#slots;
    const startMs = performance.now();
    const values = await this.#session.run(state.feeds(first, count)).catch(() => null);
    const steppedMs = performance.now();
    this.times.stepMs += steppedMs - startMs;
    this.times.runs += 1;
    this.times.rows += count;
    if (values) {
      state.take(values);
      const { tokenOutput, agoOutput } = this.#session;
      const ago = agoOutput === undefined ? null : outputData(values, agoOutput);
      this.#scatter(outputData(values, tokenOutput), ago, count);
      this.times.scatterMs += performance.now() - steppedMs;
    } else if (count > 1) {
      // What one row did to the graph must not cost the others their step.
      await this.#stepEach(first, count);
    } else {
      this.#handleFailedRow(0);
    }
  }

  #scatter(tokens: ElementArray, ago: ElementArray | null, count: number): void {
    const { state } = this.#slots;
    for (let row = 0; row < count; row++) {
      const slot = this.#rows[row];
      if (!slot) this.times.idleRows += 1;
      if (!slot || slot.generation !== this.#generations[row]) this.#rows[row] = null;
      else if (state.isSound(row)) slot.take(tokens, row, this.#session.tokenWidth, ago);
      else {
        this.#handleFailedRow(row);
        this.#rows[row] = null;
      }
    }
    state.advance();
    for (let row = 0; row < count; row++) this.#rows[row]?.finishStep();
  }

  /** The rows of a run that failed, one at a time. */
  async #stepEach(first: number, count: number): Promise<void> {
    const slots = this.#rows.slice(0, count);
    const generations = this.#generations.slice(0, count);
    for (let row = 0; row < count; row++) {
      this.#rows[0] = slots[row] ?? null;
      this.#generations[0] = generations[row] ?? 0;
      if (slots[row]) await this.#step(first + row, 1);
    }
  }

  #handleFailedRow(row: number): void {
    const slot = this.#rows[row];
    if (!slot || slot.generation !== this.#generations[row]) return;
    this.times.failedRows += 1;
    slot.handleFailedStep();
  }
}
