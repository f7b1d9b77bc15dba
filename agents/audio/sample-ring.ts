/**
 * A bounded ring of audio frames in shared memory: one thread writes, another reads, neither waits. The writer
 * overwrites the oldest frames when the reader is behind; the reader finds out from the counters and says how
 * much it lost, so that skipped speech is never silent.
 *
 * The writer first publishes what it is about to overwrite ("claimed"), then writes, then publishes the frame. The
 * reader copies a frame out and then checks that it had not been claimed meanwhile (a sequence lock).
 */

/** Counters, as 64-bit integers. */
const CLAIMED_FRAMES = 0;
const CLAIMED_SAMPLES = 1;
const PUBLISHED_FRAMES = 2;
/** The first sample that the reader has not taken. */
const TAKEN_SAMPLES = 3;
const COUNTERS = 4;

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
  readonly counters: BigInt64Array;
  readonly records: Float64Array;
  readonly samples: Int16Array;
}

/** A ring for `sampleCapacity` samples in at most `frameCapacity` frames, whichever is used up first. */
export function createSharedRing(sampleCapacity: number, frameCapacity: number): SharedRing {
  const bytes = COUNTERS * 8 + frameCapacity * FIELDS * 8 + sampleCapacity * 2;
  return { buffer: new SharedArrayBuffer(bytes), sampleCapacity, frameCapacity };
}

function viewsOf({ buffer, sampleCapacity, frameCapacity }: SharedRing): RingViews {
  const recordsAt = COUNTERS * 8;
  const samplesAt = recordsAt + frameCapacity * FIELDS * 8;
  return {
    counters: new BigInt64Array(buffer, 0, COUNTERS),
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
    this.#frames = Number(Atomics.load(this.#views.counters, PUBLISHED_FRAMES));
    this.#samples = Number(Atomics.load(this.#views.counters, CLAIMED_SAMPLES));
    Atomics.store(this.#views.counters, TAKEN_SAMPLES, BigInt(this.#samples));
  }

  /** Samples that the reader has not taken yet, at most the ring's capacity. */
  get pendingSamples(): number {
    const taken = Number(Atomics.load(this.#views.counters, TAKEN_SAMPLES));
    return Math.min(this.#samples - taken, this.#ring.sampleCapacity);
  }

  /** Where a reader of what follows has to begin. */
  get position(): RingPosition {
    return { frame: this.#frames, sample: this.#samples };
  }

  /** Copies a frame in; full policy: drop the oldest. A frame longer than the ring is refused. */
  write(samples: Int16Array, startMs: number, readMs: number): void {
    const { counters, records } = this.#views;
    if (samples.length > this.#ring.sampleCapacity) throw new RangeError('the frame is longer than the ring');
    Atomics.store(counters, CLAIMED_SAMPLES, BigInt(this.#samples + samples.length));
    Atomics.store(counters, CLAIMED_FRAMES, BigInt(this.#frames + 1));
    const record = (this.#frames % this.#ring.frameCapacity) * FIELDS;
    records[record + AT] = this.#samples;
    records[record + LENGTH] = samples.length;
    records[record + START_MS] = startMs;
    records[record + READ_MS] = readMs;
    this.#copyIn(samples);
    this.#frames += 1;
    this.#samples += samples.length;
    Atomics.store(counters, PUBLISHED_FRAMES, BigInt(this.#frames));
  }

  #copyIn(samples: Int16Array): void {
    const capacity = this.#ring.sampleCapacity;
    const at = this.#samples % capacity;
    const first = Math.min(samples.length, capacity - at);
    this.#views.samples.set(samples.subarray(0, first), at);
    if (first < samples.length) this.#views.samples.set(samples.subarray(first), 0);
  }
}

/** A frame as read: `samples` is the reader's own buffer and valid until the next read. */
export interface RingFrame {
  readonly samples: Int16Array;
  readonly startMs: number;
  readonly readMs: number;
  /** Samples that were lost between the previous frame and this one. */
  readonly lostSamples: number;
}

/** The reading half. Begins at `from`; by default with the frame that is written next. */
export class SampleRingReader {
  readonly #ring: SharedRing;
  readonly #views: RingViews;
  #next: number;
  /** First sample of the next frame, if none is lost. */
  #nextSample: number;
  #buffer = new Int16Array(4_096);

  constructor(ring: SharedRing, from?: RingPosition) {
    this.#ring = ring;
    this.#views = viewsOf(ring);
    const { counters } = this.#views;
    this.#next = from?.frame ?? Number(Atomics.load(counters, PUBLISHED_FRAMES));
    this.#nextSample = from?.sample ?? Number(Atomics.load(counters, CLAIMED_SAMPLES));
  }

  /** Number of the next frame to read. */
  get nextFrame(): number {
    return this.#next;
  }

  /** Whether a read would find nothing. */
  get isEmpty(): boolean {
    return this.#next >= Number(Atomics.load(this.#views.counters, PUBLISHED_FRAMES));
  }

  /** The oldest frame not yet read, or null. */
  read(): RingFrame | null {
    const { counters, records } = this.#views;
    while (true) {
      const published = Number(Atomics.load(counters, PUBLISHED_FRAMES));
      if (this.#next >= published) return null;
      const record = (this.#next % this.#ring.frameCapacity) * FIELDS;
      const at = records[record + AT] ?? 0;
      const length = records[record + LENGTH] ?? 0;
      const startMs = records[record + START_MS] ?? 0;
      const readMs = records[record + READ_MS] ?? 0;
      const samples = this.#copyOut(at, length);
      if (this.#isIntact(this.#next, at)) {
        const lostSamples = at - this.#nextSample;
        this.#nextSample = at + length;
        this.#next += 1;
        Atomics.store(counters, TAKEN_SAMPLES, BigInt(this.#nextSample));
        return { samples, startMs, readMs, lostSamples };
      }
      this.#next += 1;
    }
  }

  /** Whether nothing of the frame had been claimed again when it was copied. */
  #isIntact(frame: number, at: number): boolean {
    const { counters } = this.#views;
    const claimedFrames = Number(Atomics.load(counters, CLAIMED_FRAMES));
    const claimedSamples = Number(Atomics.load(counters, CLAIMED_SAMPLES));
    return (
      claimedFrames - frame <= this.#ring.frameCapacity && claimedSamples - at <= this.#ring.sampleCapacity
    );
  }

  #copyOut(at: number, length: number): Int16Array {
    const capacity = this.#ring.sampleCapacity;
    // A record that is being overwritten may hold anything: stay inside the ring, the check comes after.
    const count = Math.min(Math.max(0, length), capacity);
    if (count > this.#buffer.length) this.#buffer = new Int16Array(count);
    const from = Math.max(0, at) % capacity;
    const first = Math.min(count, capacity - from);
    this.#buffer.set(this.#views.samples.subarray(from, from + first), 0);
    if (first < count) this.#buffer.set(this.#views.samples.subarray(0, count - first), first);
    return this.#buffer.subarray(0, count);
  }
}
