/**
 * Which slots are in use: always the first rows of the batch. A slot that is given back leaves its row to the last
 * one, whose state moves there, so that a run needs neither a mask nor a copy.
 */
import type { StepModelFiles } from './model-folder.ts';
import type { SlotState } from './slot-state.ts';
import { type SlotOwner, SpeechSlot } from './speech-slot.ts';

export class SlotTable {
  readonly state: SlotState;
  readonly #files: StepModelFiles;
  /** In the order of their rows. */
  readonly #active: SpeechSlot[] = [];
  /** Kept with their memory for whoever comes next. */
  readonly #spare: SpeechSlot[] = [];

  constructor(files: StepModelFiles, state: SlotState) {
    this.#files = files;
    this.state = state;
  }

  get active(): readonly SpeechSlot[] {
    return this.#active;
  }

  /** A slot for a new owner, or null when all are held. */
  lease(owner: SlotOwner): SpeechSlot | null {
    if (this.#active.length === this.state.capacity) return null;
    const slot = this.#spare.pop() ?? new SpeechSlot(this.#files, this.state);
    slot.row = this.#active.length;
    this.#active.push(slot);
    slot.begin(owner);
    return slot;
  }

  /** Never during a step: rows change. */
  release(slot: SpeechSlot): void {
    if (this.#active[slot.row] !== slot) return;
    slot.end();
    const last = this.#active.pop();
    if (last && last !== slot) {
      this.state.move(last.row, slot.row);
      last.row = slot.row;
      this.#active[slot.row] = last;
    }
    this.#spare.push(slot);
  }
}
