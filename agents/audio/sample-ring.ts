/**
 * A bounded ring of audio frames in shared memory: one thread writes, another reads, neither waits. The writer
 * overwrites the oldest frames when the reader is behind; the reader finds out from the counters and says how
 * much it lost, so that skipped speech is never silent.
 *
 * The writer first publishes what it is about to overwrite ("claimed"), then writes, then publishes the frame. The
 * reader copies a frame out and then checks that it had not been claimed meanwhile (a sequence lock).
 */

/**
 * Counters that both sides look at, as the low 32 bits of what they count: 64-bit integers would be objects, made
 * anew for every frame of every microphone.
 */
const CLAIMED_FRAMES = 0;
const CLAIMED_SAMPLES = 1;
const PUBLISHED_FRAMES = 2;
/** The first sample that the reader has not taken. */
const TAKEN_SAMPLES = 3;
const COUNTERS = 4;
/** The whole counts, for whoever begins to write or read. */
const TOTAL_FRAMES = 0;
const TOTAL_SAMPLES = 1;
const TOTALS = 2;

/** Fields of a frame's record, as 64-bit floats. */
const AT = 0;
const LENGTH = 1;
const START_MS = 2;
const READ_MS = 3;
const FIELDS = 4;

/** What is shared; post it to the reading thread. */
export interface SharedRing {
  readonly buffer: SharedArrayBuffer;
  readonly sampleCapacity: number;
  readonly frameCapacity: number;
}

interface RingViews {
  readonly counters: Int32Array;
  readonly totals: Float64Array;
  readonly records: Float64Array;
  readonly samples: Int16Array;
}

/** A ring for `sampleCapacity` samples in at most `frameCapacity` frames, whichever is used up first. */
export function createSharedRing(sampleCapacity: number, frameCapacity: number): SharedRing {
  const bytes = COUNTERS * 4 + (TOTALS + frameCapacity * FIELDS) * 8 + sampleCapacity * 2;
  return { buffer: new SharedArrayBuffer(bytes), sampleCapacity, frameCapacity };
}

function viewsOf({ buffer, sampleCapacity, frameCapacity }: SharedRing): RingViews {
  const totalsAt = COUNTERS * 4;
  const recordsAt = totalsAt + TOTALS * 8;
  const samplesAt = recordsAt + frameCapacity * FIELDS * 8;
  return {
    counters: new Int32Array(buffer, 0, COUNTERS),
    totals: new Float64Array(buffer, totalsAt, TOTALS),
    records: new Float64Array(buffer, recordsAt, frameCapacity * FIELDS),
    samples: new Int16Array(buffer, samplesAt, sampleCapacity),
  };
}

/** Number of a frame and of its first sample, counted from the ring's creation. */
export interface RingPosition {
  readonly frame: number;
  readonly sample: number;
}

/** The writing half. An empty frame is a mark in the order of the audio (the engine's flush). */
export class SampleRingWriter {
  readonly #ring: SharedRing;
  readonly #views: RingViews;
  #frames: number;
  #samples: number;

  constructor(ring: SharedRing) {
    this.#ring = ring;
    this.#views = viewsOf(ring);
    this.#frames = this.#views.totals[TOTAL_FRAMES] ?? 0;
    this.#samples = this.#views.totals[TOTAL_SAMPLES] ?? 0;
    Atomics.store(this.#views.counters, TAKEN_SAMPLES, this.#samples | 0);
  }

  /** Samples that the reader has not taken yet, at most the ring's capacity. */
  get pendingSamples(): number {
    const taken = Atomics.load(this.#views.counters, TAKEN_SAMPLES);
    return Math.min(((this.#samples | 0) - taken) | 0, this.#ring.sampleCapacity);
  }

  /** Where a reader of what follows has to begin. */
  get position(): RingPosition {
    return { frame: this.#frames, sample: this.#samples };
  }

  /** Copies a frame in; full policy: drop the oldest. A frame longer than the ring is refused. */
  write(samples: Int16Array, startMs: number, readMs: number): void {
    const { counters, totals, records } = this.#views;
    if (samples.length > this.#ring.sampleCapacity) throw new RangeError('the frame is longer than the ring');
    Atomics.store(counters, CLAIMED_SAMPLES, (this.#samples + samples.length) | 0);
    Atomics.store(counters, CLAIMED_FRAMES, (this.#frames + 1) | 0);
    const record = (this.#frames % this.#ring.frameCapacity) * FIELDS;
    records[record + AT] = this.#samples;
    records[record + LENGTH] = samples.length;
    records[record + START_MS] = startMs;
    records[record + READ_MS] = readMs;
    this.#copyIn(samples);
    this.#frames += 1;
    this.#samples += samples.length;
    totals[TOTAL_FRAMES] = this.#frames;
    totals[TOTAL_SAMPLES] = this.#samples;
    Atomics.store(counters, PUBLISHED_FRAMES, this.#frames | 0);
  }

  #copyIn(samples: Int16Array): void {
    const capacity = this.#ring.sampleCapacity;
    const at = this.#samples % capacity;
    if (at + samples.length <= capacity) {
      this.#views.samples.set(samples, at);
      return;
    }
    const first = capacity - at;
    this.#views.samples.set(samples.subarray(0, first), at);
    this.#views.samples.set(samples.subarray(first), 0);
  }
}

/** A frame as read. It is the reader's own and valid until the next read. */
export interface RingFrame {
  readonly samples: Int16Array;
  readonly startMs: number;
  readonly readMs: number;
  /** Samples that were lost between the previous frame and this one. */
  readonly lostSamples: number;
}

interface MutableFrame {
  samples: Int16Array;
  startMs: number;
  readMs: number;
  lostSamples: number;
}

export interface RingReaderOptions {
  /** Begins here; by default with the frame that is written next. */
  readonly from?: RingPosition;
  /** Where frames are copied to, as long as the longest: readers of one thread may share it. */
  readonly buffer?: Int16Array;
}

/** The reading half. Allocates nothing while frames keep their length. */
export class SampleRingReader {
  readonly #ring: SharedRing;
  readonly #views: RingViews;
  readonly #frame: MutableFrame;
  #buffer: Int16Array;
  #next: number;
  /** First sample of the next frame, if none is lost. */
  #nextSample: number;

  constructor(ring: SharedRing, { from, buffer = new Int16Array(4_096) }: RingReaderOptions = {}) {
    this.#ring = ring;
    this.#views = viewsOf(ring);
    this.#buffer = buffer;
    this.#frame = { samples: buffer, startMs: 0, readMs: 0, lostSamples: 0 };
    this.#next = from?.frame ?? this.#views.totals[TOTAL_FRAMES] ?? 0;
    this.#nextSample = from?.sample ?? this.#views.totals[TOTAL_SAMPLES] ?? 0;
  }

  /** Number of the next frame to read. */
  get nextFrame(): number {
    return this.#next;
  }

  /** Whether a read would find nothing. */
  get isEmpty(): boolean {
    return distance(Atomics.load(this.#views.counters, PUBLISHED_FRAMES), this.#next) <= 0;
  }

  /** The oldest frame not yet read, or null. */
  read(): RingFrame | null {
    const { counters, records } = this.#views;
    while (!this.isEmpty) {
      const record = (this.#next % this.#ring.frameCapacity) * FIELDS;
      const at = records[record + AT] ?? 0;
      const length = records[record + LENGTH] ?? 0;
      const frame = this.#frame;
      frame.startMs = records[record + START_MS] ?? 0;
      frame.readMs = records[record + READ_MS] ?? 0;
      this.#copyOut(at, length);
      const isIntact = this.#isIntact(this.#next, at);
      this.#next += 1;
      if (!isIntact) continue;
      frame.lostSamples = at - this.#nextSample;
      this.#nextSample = at + length;
      Atomics.store(counters, TAKEN_SAMPLES, this.#nextSample | 0);
      return frame;
    }
    return null;
  }

  /** Whether nothing of the frame had been claimed again when it was copied. */
  #isIntact(frame: number, at: number): boolean {
    const { counters } = this.#views;
    const frames = distance(Atomics.load(counters, CLAIMED_FRAMES), frame);
    const samples = distance(Atomics.load(counters, CLAIMED_SAMPLES), at);
    return frames <= this.#ring.frameCapacity && samples <= this.#ring.sampleCapacity;
  }

  #copyOut(at: number, length: number): void {
    const capacity = this.#ring.sampleCapacity;
    // A record that is being overwritten may hold anything: stay inside the ring, the check comes after.
    const count = Math.min(Math.max(0, length), capacity);
    if (count > this.#buffer.length) this.#buffer = new Int16Array(count);
    if (this.#frame.samples.buffer !== this.#buffer.buffer || this.#frame.samples.length !== count) {
      this.#frame.samples = this.#buffer.subarray(0, count);
    }
    const { samples } = this.#views;
    const target = this.#frame.samples;
    let from = Math.max(0, at) % capacity;
    for (let i = 0; i < count; i++) {
      target[i] = samples[from] ?? 0;
      from = from + 1 === capacity ? 0 : from + 1;
    }
  }
}

/** How far a counter of which only the low 32 bits are known is ahead of a count. */
function distance(low: number, count: number): number {
  return (low - (count | 0)) | 0;
}
