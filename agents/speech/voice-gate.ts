/**
 * Decides cheaply, 20 ms at a time, whether someone is speaking: loudness against a noise floor that follows the
 * quietest moments of the last seconds. A steady hum or hiss becomes floor within that time and closes the gate.
 * It is generous on purpose: what it lets through is judged again by the model.
 */

/** Thresholds in decibels (full scale or above the floor) and times in milliseconds. */
export const GATE = {
  blockMs: 20,
  /** Quieter than this is never speech. */
  leastDb: -58,
  openAboveFloorDb: 9,
  stayAboveFloorDb: 6,
  /** Loud blocks among the last {@link GATE.openWindow} that open the gate. */
  openBlocks: 3,
  openWindow: 6,
  /** The floor is the least of the (smoothed) loudness over this long. */
  floorMs: 3_000,
  initialFloorDb: -60,
  /** No floor is taken to be louder than this, so that shouting is not mistaken for noise. */
  highestFloorDb: -12,
} as const;

export type GateChange = 'opened' | 'none';

export class VoiceGate {
  readonly #blockSamples: number;
  readonly #minima: Float32Array;
  #minimaAt = 0;
  #minimumNow = 0;
  #minimumBlocks = 0;
  #recentLoud = 0;
  #sum = 0;
  #count = 0;
  #previous = 0;
  #smoothDb: number = GATE.initialFloorDb;
  #open = false;
  #quietMs = 0;
  #openMs = 0;
  #floorDb: number = GATE.initialFloorDb;

  constructor(sampleRateHz: number) {
    this.#blockSamples = (sampleRateHz * GATE.blockMs) / 1000;
    this.#minima = new Float32Array(GATE.floorMs / MINIMUM_MS).fill(GATE.initialFloorDb);
    this.#minimumNow = Number.POSITIVE_INFINITY;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** How long it has been quiet since the last speech while open. */
  get quietMs(): number {
    return this.#quietMs;
  }

  /** While open: how long ago the first loud moment was that opened the gate. */
  get openMs(): number {
    return this.#openMs;
  }

  /** Hears samples; returns whether the gate opened within them. Closing is the owner's decision. */
  hear(samples: Int16Array): GateChange {
    let change: GateChange = 'none';
    for (const sample of samples) {
      // First difference: takes out rumble and offset, and weighs consonants up.
      const high = sample - 0.9 * this.#previous;
      this.#previous = sample;
      this.#sum += high * high;
      this.#count += 1;
      if (this.#count === this.#blockSamples && this.#hearBlock()) change = 'opened';
    }
    return change;
  }

  /** Ends the current turn; what comes next must open the gate again. */
  close(): void {
    this.#open = false;
    this.#quietMs = 0;
    this.#recentLoud = 0;
  }

  #hearBlock(): boolean {
    const db = 10 * Math.log10(this.#sum / this.#count / FULL_SCALE_POWER + 1e-12);
    this.#sum = 0;
    this.#count = 0;
    this.#smoothDb += 0.4 * (db - this.#smoothDb);
    this.#followFloor();
    const margin = this.#open ? GATE.stayAboveFloorDb : GATE.openAboveFloorDb;
    const loud = db > Math.max(GATE.leastDb, this.#floorDb + margin);
    if (this.#open) {
      this.#openMs += GATE.blockMs;
      this.#quietMs = loud ? 0 : this.#quietMs + GATE.blockMs;
      return false;
    }
    this.#recentLoud = ((this.#recentLoud << 1) | (loud ? 1 : 0)) & ((1 << GATE.openWindow) - 1);
    if (bitCount(this.#recentLoud) < GATE.openBlocks) return false;
    this.#open = true;
    this.#quietMs = 0;
    this.#openMs = GATE.blockMs * (32 - Math.clz32(this.#recentLoud));
    return true;
  }

  #followFloor(): void {
    this.#minimumNow = Math.min(this.#minimumNow, this.#smoothDb);
    this.#minimumBlocks += 1;
    if (this.#minimumBlocks * GATE.blockMs >= MINIMUM_MS) {
      this.#minima[this.#minimaAt] = this.#minimumNow;
      this.#minimaAt = (this.#minimaAt + 1) % this.#minima.length;
      this.#minimumNow = Number.POSITIVE_INFINITY;
      this.#minimumBlocks = 0;
      this.#floorDb = Math.min(GATE.highestFloorDb, Math.min(...this.#minima));
    } else if (this.#smoothDb < this.#floorDb) {
      this.#floorDb = this.#smoothDb;
    }
  }
}

/** The floor's history is kept as one minimum for each of these spans. */
const MINIMUM_MS = 500;
const FULL_SCALE_POWER = 32_768 ** 2;

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
