/**
 * Whisper's log-mel spectrogram of a growing signal. Frame t is centred on sample `hop · t`; a frame is computed
 * once, when all its samples are there. The signal is mirrored before its first sample, as in training, and
 * taken to be followed by digital silence.
 */
import { PairedFourier } from './fourier.ts';

export interface MelRecipe {
  readonly fftSamples: number;
  readonly hopSamples: number;
  readonly melBands: number;
  /** Filter bank, row-major [melBands, fftSamples / 2 + 1]. */
  readonly filters: Float32Array;
}

/** log10 of the least power that is told apart from silence. */
export const SILENCE_LOG_POWER = -10;

/** A triangle of the filter bank without its zeros. */
interface Band {
  readonly firstBin: number;
  readonly weights: Float32Array;
}

export class LogMel {
  readonly recipe: MelRecipe;
  readonly #bands: readonly Band[];
  readonly #window: Float64Array;
  readonly #fourier: PairedFourier;
  readonly #frames: [Float64Array, Float64Array];
  readonly #powers: [Float64Array, Float64Array];

  constructor(recipe: MelRecipe) {
    this.recipe = recipe;
    const bins = recipe.fftSamples / 2 + 1;
    this.#bands = Array.from({ length: recipe.melBands }, (_, band) =>
      trimZeros(recipe.filters.subarray(band * bins, (band + 1) * bins)),
    );
    this.#window = Float64Array.from(
      { length: recipe.fftSamples },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / recipe.fftSamples),
    );
    this.#fourier = new PairedFourier(recipe.fftSamples);
    this.#frames = [new Float64Array(recipe.fftSamples), new Float64Array(recipe.fftSamples)];
    this.#powers = [new Float64Array(bins), new Float64Array(bins)];
  }

  /**
   * Two neighbouring frames. `samples[start …]` is where the first frame's samples begin (16-bit scale); what
   * lies beyond the array is silence. Writes log10 powers, one per band, to `first` and `second`.
   */
  framePair(
    samples: Int16Array | Float64Array,
    start: number,
    first: Float32Array,
    second: Float32Array,
  ): void {
    const { hopSamples, fftSamples } = this.recipe;
    const [a, b] = this.#frames;
    for (let i = 0; i < fftSamples; i++) {
      const scale = (this.#window[i] ?? 0) / 32_768;
      a[i] = (samples[start + i] ?? 0) * scale;
      b[i] = (samples[start + hopSamples + i] ?? 0) * scale;
    }
    this.#fourier.powers(a, b, this.#powers[0], this.#powers[1]);
    this.#toBands(this.#powers[0], first);
    this.#toBands(this.#powers[1], second);
  }

  #toBands(power: Float64Array, out: Float32Array): void {
    for (const [index, { firstBin, weights }] of this.#bands.entries()) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += (weights[i] ?? 0) * (power[firstBin + i] ?? 0);
      out[index] = Math.max(SILENCE_LOG_POWER, Math.log10(sum));
    }
  }
}

function trimZeros(row: Float32Array): Band {
  const firstBin = row.findIndex((weight) => weight > 0);
  const lastBin = row.findLastIndex((weight) => weight > 0);
  return { firstBin: Math.max(0, firstBin), weights: row.slice(Math.max(0, firstBin), lastBin + 1) };
}
