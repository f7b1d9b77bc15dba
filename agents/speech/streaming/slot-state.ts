/**
 * Everything a step graph remembers, for all slots, outside the graph. Slots in use are the first ones, so that a
 * run of the graph sees them without a copy; a slot that becomes free is filled with the last one's state.
 */
import type { InferenceSession } from 'onnxruntime-node';
import { ringOfMask } from './model-folder.ts';
import { RingCache } from './ring-cache.ts';
import { RingMask } from './ring-mask.ts';
import { type ElementArray, SlotArray } from './slot-array.ts';
import type { StepCarry } from './step-manifest.ts';
import { outputData, type StepFeeds, type StepSession } from './step-session.ts';

interface Carry {
  readonly spec: StepCarry;
  readonly array: SlotArray;
}

interface Counter {
  readonly counts: 'steps' | 'tokens';
  readonly array: SlotArray;
}

/** Outputs of one run that become state, in the order of rings and carries. */
interface StepOutputs {
  readonly rings: ElementArray[];
  readonly carries: ElementArray[];
}

export class SlotState {
  readonly capacity: number;
  readonly audio: SlotArray;
  readonly #rings: readonly RingCache[];
  readonly #masks: readonly RingMask[];
  readonly #carries: readonly Carry[];
  readonly #counters: readonly Counter[];
  readonly #feedback: SlotArray | null;
  readonly #firstToken: number;
  readonly #arrays: readonly SlotArray[];
  /** Steps taken and tokens accepted since the slot's stream began. */
  readonly #steps: Float64Array;
  readonly #tokens: Float64Array;
  readonly #firstSlots: StepFeeds[] = [];
  readonly #outputs: StepOutputs = { rings: [], carries: [] };

  constructor(session: StepSession, capacity: number) {
    const { audio, stepSamples, rings, masks, carries, counters, text } = session.files.manifest;
    const integers = (input: string): SlotArray => new SlotArray(input, session.typeOf(input), [], capacity);
    this.capacity = capacity;
    this.audio = new SlotArray(audio.input, 'float32', [audio.before + stepSamples + audio.after], capacity);
    this.#rings = rings.map((spec) => new RingCache(spec, session.typeOf(spec.input), capacity));
    this.#masks = masks.flatMap((mask) => {
      const ring = ringOfMask(rings, mask);
      return ring ? [new RingMask(mask, ring, capacity)] : [];
    });
    this.#carries = carries.map((spec) => ({
      spec,
      array: new SlotArray(spec.input, session.typeOf(spec.input), spec.shape, capacity),
    }));
    this.#counters = counters.map(({ input, counts }) => ({ counts, array: integers(input) }));
    this.#feedback = 'feedback' in text ? integers(text.feedback.input) : null;
    this.#firstToken = 'feedback' in text ? text.feedback.first : 0;
    this.#steps = new Float64Array(capacity);
    this.#tokens = new Float64Array(capacity);
    this.#arrays = [
      this.audio,
      ...this.#rings.map(({ array }) => array),
      ...this.#masks.map(({ array }) => array),
      ...this.#carries.map(({ array }) => array),
      ...this.#counters.map(({ array }) => array),
      ...(this.#feedback ? [this.#feedback] : []),
    ];
  }

  /** Memory that a slot's state takes. */
  get bytesPerSlot(): number {
    return this.#arrays.reduce((sum, { bytesPerSlot }) => sum + bytesPerSlot, 0);
  }

  steps(slot: number): number {
    return this.#steps[slot] ?? 0;
  }

  /** A new stream begins in the slot. Rings keep what they hold: their masks hide it. */
  reset(slot: number): void {
    for (const mask of this.#masks) mask.clear(slot);
    for (const { spec, array } of this.#carries) array.fillSlot(slot, spec.initial ?? 0);
    for (const { array } of this.#counters) array.fillSlot(slot, 0);
    this.#feedback?.set(slot, 0, this.#firstToken);
    this.#steps[slot] = 0;
    this.#tokens[slot] = 0;
  }

  move(from: number, to: number): void {
    for (const array of this.#arrays) array.copySlot(from, to);
    this.#steps[to] = this.#steps[from] ?? 0;
    this.#tokens[to] = this.#tokens[from] ?? 0;
  }

  /** Inputs for the slots `first` … `first + count - 1`. */
  feeds(first: number, count: number): StepFeeds {
    if (first > 0) return this.#feedsOf(first, count);
    const feeds = this.#firstSlots[count] ?? this.#feedsOf(0, count);
    this.#firstSlots[count] = feeds;
    return feeds;
  }

  /** Keeps the outputs of a run at hand for {@link advance}. */
  take(values: InferenceSession.OnnxValueMapType): void {
    for (let i = 0; i < this.#rings.length; i++) {
      this.#outputs.rings[i] = outputData(values, (this.#rings[i] as RingCache).spec.output);
    }
    for (let i = 0; i < this.#carries.length; i++) {
      this.#outputs.carries[i] = outputData(values, (this.#carries[i] as Carry).spec.output);
    }
  }

  /**
   * Whether what the run returned for a row can be built upon. A value that is not finite spreads through a layer,
   * so one element of each of its outputs tells.
   */
  isSound(row: number): boolean {
    for (let i = 0; i < this.#rings.length; i++) {
      const { array, newSize } = this.#rings[i] as RingCache;
      if (array.type === 'float32' && !isFiniteAt(this.#outputs.rings[i], row * newSize)) return false;
    }
    for (let i = 0; i < this.#carries.length; i++) {
      const { array } = this.#carries[i] as Carry;
      if (array.type === 'float32' && !isFiniteAt(this.#outputs.carries[i], row * array.rowSize))
        return false;
    }
    return true;
  }

  /** Makes row `row` of the taken outputs the slot's state. `token` is what the step brought, or null. */
  advance(slot: number, row: number, token: number | null): void {
    for (let i = 0; i < this.#rings.length; i++) {
      const ring = this.#rings[i] as RingCache;
      if (ring.spec.advance === 'token' && token === null) continue;
      ring.write(slot, this.#position(slot, ring.spec), this.#outputs.rings[i] as ElementArray, row);
    }
    for (const mask of this.#masks) {
      if (mask.ring.advance === 'token' && token === null) continue;
      mask.advance(slot, this.#position(slot, mask.ring));
    }
    for (let i = 0; i < this.#carries.length; i++) {
      const { array } = this.#carries[i] as Carry;
      copyRow(this.#outputs.carries[i] as ElementArray, row, array, slot);
    }
    this.#steps[slot] = (this.#steps[slot] ?? 0) + 1;
    if (token !== null) {
      this.#tokens[slot] = (this.#tokens[slot] ?? 0) + 1;
      this.#feedback?.set(slot, 0, token);
    }
    for (const { counts, array } of this.#counters) {
      array.set(slot, 0, (counts === 'steps' ? this.#steps[slot] : this.#tokens[slot]) ?? 0);
    }
  }

  #position(slot: number, { advance, columns }: RingCache['spec']): number {
    return columns * ((advance === 'token' ? this.#tokens[slot] : this.#steps[slot]) ?? 0);
  }

  #feedsOf(first: number, count: number): StepFeeds {
    return Object.fromEntries(this.#arrays.map((array) => [array.name, array.tensor(first, count)]));
  }
}

function isFiniteAt(values: ElementArray | undefined, index: number): boolean {
  // Arithmetic on the element itself: handed to a function it would become an object.
  const value = (values as ElementArray)[index] as number;
  return value - value === 0;
}

function copyRow(from: ElementArray, row: number, to: SlotArray, slot: number): void {
  const size = to.rowSize * to.width;
  for (let i = 0; i < size; i++) to.data[slot * size + i] = from[row * size + i] as number;
}
