/**
 * By how much a received signal lags behind the sent one, found where the two correlate best. Works on signals
 * thinned to {@link PROBE_RATE_HZ}: half a millisecond of resolution, and cheap. Pure.
 */
export const PROBE_RATE_HZ = 2_000;
export const PROBE_STEP_MS = 1_000 / PROBE_RATE_HZ;

/** Speech through Opus correlates at 0.95 and more; noise and silence do not come near this. */
const MIN_CORRELATION = 0.8;
/** Below this level (of ±32768) the window holds no speech. */
const MIN_RMS = 100;

/** Averages groups of samples: `factor` of them become one. */
export function thin(samples: Int16Array, factor: number, out: Float32Array): number {
  const length = Math.floor(samples.length / factor);
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let k = i * factor; k < (i + 1) * factor; k++) sum += samples[k] ?? 0;
    out[i] = sum / factor;
  }
  return length;
}

/**
 * `window` is what was received last. `sentAt(i)` is the sent signal, where index `newest - lag` would be the
 * window's last sample if it had taken `lag` steps. Returns the lag in steps, or null when nothing matches.
 */
export function findLag(
  window: Float32Array,
  sentAt: (index: number) => number,
  newest: number,
  maxLag: number,
): number | null {
  const length = window.length;
  let energy = 0;
  for (const value of window) energy += value * value;
  if (Math.sqrt(energy / length) < MIN_RMS) return null;
  const span = Float32Array.from({ length: length + maxLag }, (_, i) =>
    sentAt(newest - maxLag - length + 1 + i),
  );
  let best = 0;
  let bestLag: number | null = null;
  for (let lag = 0; lag <= maxLag; lag++) {
    const from = maxLag - lag;
    let product = 0;
    let sentEnergy = 0;
    for (let i = 0; i < length; i++) {
      const sent = span[from + i] ?? 0;
      product += sent * (window[i] ?? 0);
      sentEnergy += sent * sent;
    }
    const correlation = sentEnergy === 0 ? 0 : product / Math.sqrt(sentEnergy * energy);
    if (correlation > best) {
      best = correlation;
      bestLag = lag;
    }
  }
  return best >= MIN_CORRELATION ? bestLag : null;
}
