/**
 * Power spectra of two real frames at once: one complex transform carries one frame in its real and one in its
 * imaginary part. Stockham's self-sorting scheme over small radices, because Whisper's frame of 400 samples is
 * no power of two.
 */

interface Stage {
  readonly radix: number;
  /** Points of the sub-transforms after this stage, and distance of their elements. */
  readonly size: number;
  readonly stride: number;
}

const RADICES = [4, 5, 3, 2];

function planStages(points: number): Stage[] {
  const stages: Stage[] = [];
  let left = points;
  let stride = 1;
  while (left > 1) {
    const radix = RADICES.find((candidate) => left % candidate === 0);
    if (radix === undefined) throw new RangeError(`${points} has a prime factor above 5`);
    left /= radix;
    stages.push({ radix, size: left, stride });
    stride *= radix;
  }
  return stages;
}

export class PairedFourier {
  readonly points: number;
  readonly #stages: readonly Stage[];
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  #re: Float64Array;
  #im: Float64Array;
  #spareRe: Float64Array;
  #spareIm: Float64Array;

  constructor(points: number) {
    this.points = points;
    this.#stages = planStages(points);
    this.#cos = Float64Array.from({ length: points }, (_, i) => Math.cos((-2 * Math.PI * i) / points));
    this.#sin = Float64Array.from({ length: points }, (_, i) => Math.sin((-2 * Math.PI * i) / points));
    this.#re = new Float64Array(points);
    this.#im = new Float64Array(points);
    this.#spareRe = new Float64Array(points);
    this.#spareIm = new Float64Array(points);
  }

  /** Writes |X|² of bins 0 … points/2 of both frames; `first` and `second` hold `points` windowed samples. */
  powers(
    first: Float64Array,
    second: Float64Array,
    firstPower: Float64Array,
    secondPower: Float64Array,
  ): void {
    this.#re.set(first);
    this.#im.set(second);
    for (const stage of this.#stages) this.#pass(stage);
    const re = this.#re;
    const im = this.#im;
    for (let bin = 0; bin <= this.points / 2; bin++) {
      const mirror = bin === 0 ? 0 : this.points - bin;
      const [a, b, c, d] = [re[bin] ?? 0, im[bin] ?? 0, re[mirror] ?? 0, im[mirror] ?? 0];
      firstPower[bin] = ((a + c) ** 2 + (b - d) ** 2) / 4;
      secondPower[bin] = ((b + d) ** 2 + (c - a) ** 2) / 4;
    }
  }

  #pass({ radix, size, stride }: Stage): void {
    const { points } = this;
    const [cos, sin, re, im] = [this.#cos, this.#sin, this.#re, this.#im];
    const [toRe, toIm] = [this.#spareRe, this.#spareIm];
    const twiddle = stride;
    const turn = points / radix;
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < radix; k++) {
        const to = stride * (radix * j + k);
        const w = (j * k * twiddle) % points;
        const wRe = cos[w] ?? 0;
        const wIm = sin[w] ?? 0;
        for (let q = 0; q < stride; q++) {
          let sumRe = 0;
          let sumIm = 0;
          for (let r = 0; r < radix; r++) {
            const from = q + stride * (j + size * r);
            const u = (r * k * turn) % points;
            const [xRe, xIm, uRe, uIm] = [re[from] ?? 0, im[from] ?? 0, cos[u] ?? 0, sin[u] ?? 0];
            sumRe += xRe * uRe - xIm * uIm;
            sumIm += xRe * uIm + xIm * uRe;
          }
          toRe[to + q] = sumRe * wRe - sumIm * wIm;
          toIm[to + q] = sumRe * wIm + sumIm * wRe;
        }
      }
    }
    [this.#re, this.#spareRe] = [toRe, re];
    [this.#im, this.#spareIm] = [toIm, im];
  }
}
