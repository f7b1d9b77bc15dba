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

/** Of a step that brought none; the graphs' own are not negative. */
const NO_TOKEN = -1;

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
  /** What {@link advance} has to do: slots, rows of the outputs, tokens. */
  readonly #acceptedSlots: Int32Array;
  readonly #acceptedRows: Int32Array;
  readonly #acceptedTokens: Int32Array;
  #accepted = 0;
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
    this.#acceptedSlots = new Int32Array(capacity);
    this.#acceptedRows = new Int32Array(capacity);
    this.#acceptedTokens = new Int32Array(capacity);
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

  /** Keeps the outputs of a run at hand until {@link advance}. */
  take(values: InferenceSession.OnnxValueMapType): void {
    for (let i = 0; i < this.#rings.length; i++) {
      const ring = this.#rings[i] as RingCache;
      this.#outputs.rings[i] = ring.columnsOf(outputData(values, ring.spec.output));
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

  /** Row `row` of the taken outputs will be the slot's state. `token` is what the step brought, or null. */
  accept(slot: number, row: number, token: number | null): void {
    const i = this.#accepted++;
    this.#acceptedSlots[i] = slot;
    this.#acceptedRows[i] = row;
    this.#acceptedTokens[i] = token ?? NO_TOKEN;
  }

  /**
   * Makes what was accepted the slots' state. Ring by ring: that way through the memory takes two thirds of the time
   * of going slot by slot.
   */
  advance(): void {
    for (let i = 0; i < this.#rings.length; i++) this.#advanceRing(this.#rings[i] as RingCache, i);
    for (const mask of this.#masks) this.#advanceMask(mask);
    for (let i = 0; i < this.#carries.length; i++) this.#advanceCarry(this.#carries[i] as Carry, i);
    for (let i = 0; i < this.#accepted; i++) {
      this.#count(this.#acceptedSlots[i] as number, this.#acceptedTokens[i] as number);
    }
    this.#accepted = 0;
  }

  #advanceRing(ring: RingCache, index: number): void {
    const output = this.#outputs.rings[index] as ElementArray;
    for (let i = 0; i < this.#accepted; i++) {
      if (ring.spec.advance === 'token' && this.#acceptedTokens[i] === NO_TOKEN) continue;
      const slot = this.#acceptedSlots[i] as number;
      ring.write(slot, this.#position(slot, ring.spec), output, this.#acceptedRows[i] as number);
    }
  }

  #advanceMask(mask: RingMask): void {
    for (let i = 0; i < this.#accepted; i++) {
      if (mask.ring.advance === 'token' && this.#acceptedTokens[i] === NO_TOKEN) continue;
      const slot = this.#acceptedSlots[i] as number;
      mask.advance(slot, this.#position(slot, mask.ring));
    }
  }

  #advanceCarry({ array }: Carry, index: number): void {
    const output = this.#outputs.carries[index] as ElementArray;
    for (let i = 0; i < this.#accepted; i++) {
      copyRow(output, this.#acceptedRows[i] as number, array, this.#acceptedSlots[i] as number);
    }
  }

  #count(slot: number, token: number): void {
    this.#steps[slot] = (this.#steps[slot] ?? 0) + 1;
    if (token !== NO_TOKEN) {
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
