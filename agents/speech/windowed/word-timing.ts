/**
 * When each token was spoken, from the decoder's attention over the audio: dynamic time warping finds the
 * monotonic path of most attention through tokens and frames (as OpenAI's word time stamps do).
 */

/** Width of the median filter over frames that takes out single spikes of attention. */
const MEDIAN_FRAMES = 7;

/**
 * First frame of each token. `attention` has one row per token and one for what follows the last; all rows are
 * equally long. Returns as many positions as there are rows, never decreasing; the last is the end of the text.
 */
export function tokenStarts(attention: readonly Float32Array[]): number[] {
  const frames = attention[0]?.length ?? 0;
  if (attention.length === 0 || frames === 0) return attention.map(() => 0);
  return pathStarts(attention.map(medianFiltered(normalised(attention))), frames);
}

/** Every frame scaled over the tokens to mean 0 and deviation 1, so that frames all read alike stand back. */
function normalised(attention: readonly Float32Array[]): Float32Array[] {
  const rows = attention.map((row) => Float32Array.from(row));
  const frames = rows[0]?.length ?? 0;
  for (let t = 0; t < frames; t++) {
    let sum = 0;
    let squares = 0;
    for (const row of rows) {
      const value = row[t] ?? 0;
      sum += value;
      squares += value * value;
    }
    const mean = sum / rows.length;
    const deviation = Math.sqrt(Math.max(0, squares / rows.length - mean * mean)) + 1e-9;
    for (const row of rows) row[t] = ((row[t] ?? 0) - mean) / deviation;
  }
  return rows;
}

function medianFiltered(rows: readonly Float32Array[]): (row: Float32Array, index: number) => Float32Array {
  const half = (MEDIAN_FRAMES - 1) / 2;
  return (_, index) => {
    const row = rows[index] ?? new Float32Array(0);
    const out = new Float32Array(row.length);
    const around = new Float32Array(MEDIAN_FRAMES);
    for (let t = 0; t < row.length; t++) {
      for (let i = -half; i <= half; i++) {
        around[i + half] = row[Math.min(row.length - 1, Math.max(0, t + i))] ?? 0;
      }
      out[t] = around.sort()[half] ?? 0;
    }
    return out;
  };
}

/** Cheapest monotonic path from the first token and frame to the last ones. */
function pathStarts(gain: readonly Float32Array[], frames: number): number[] {
  const tokens = gain.length;
  let previous = new Float64Array(frames + 1).fill(Number.POSITIVE_INFINITY);
  previous[0] = 0;
  /** 0: both advance, 1: the token does, 2: the frame does. */
  const moves = new Uint8Array(tokens * frames);
  for (let token = 0; token < tokens; token++) {
    const row = gain[token];
    const current = new Float64Array(frames + 1).fill(Number.POSITIVE_INFINITY);
    for (let t = 1; t <= frames; t++) {
      const both = previous[t - 1] ?? Number.POSITIVE_INFINITY;
      const tokenOnly = previous[t] ?? Number.POSITIVE_INFINITY;
      const frameOnly = current[t - 1] ?? Number.POSITIVE_INFINITY;
      const least = Math.min(both, tokenOnly, frameOnly);
      moves[token * frames + t - 1] = least === both ? 0 : least === tokenOnly ? 1 : 2;
      current[t] = least - (row?.[t - 1] ?? 0);
    }
    previous = current;
  }
  const starts = new Array<number>(tokens).fill(0);
  let token = tokens - 1;
  let t = frames - 1;
  while (token >= 0 && t >= 0) {
    starts[token] = t;
    const move = moves[token * frames + t];
    if (move !== 2) token -= 1;
    if (move !== 1) t -= 1;
  }
  return starts;
}
