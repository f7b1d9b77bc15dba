/** Sounds without a word in them, made by formula, so that everyone measures the same: what Whisper invents there. */

const RATE_HZ = 16_000;

function createNoise(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Name and samples at 16 kHz of each sound, `seconds` long. */
export function noiseSounds(seconds: number): { readonly name: string; readonly samples: Int16Array }[] {
  const noise = createNoise();
  let low = 0;
  const waves: Record<string, (t: number) => number> = {
    silence: () => 0,
    'white noise': () => 0.05 * noise(),
    'fan (low noise)': () => {
      low = 0.98 * low + 0.02 * noise();
      return 0.6 * low;
    },
    'mains hum': (t) => 0.1 * Math.sin(2 * Math.PI * 50 * t) + 0.03 * Math.sin(2 * Math.PI * 150 * t),
    'tone every 2 s': (t) => (t % 2 < 0.3 ? 0.2 * Math.sin(2 * Math.PI * 880 * t) : 0),
    'keyboard clicks': (t) => (t % 0.23 < 0.012 ? 0.3 * noise() * Math.exp(-(t % 0.23) * 300) : 0),
    'noise bursts': (t) => (t % 1.7 < 0.5 ? 0.15 * noise() : 0),
    chords: (t) => {
      const step = [0, 5, 7, 3][Math.floor(t / 0.8) % 4] ?? 0;
      const root = 220 * 2 ** (step / 12);
      const decay = Math.exp(-(t % 0.8) * 2);
      return (
        0.1 * decay * [1, 1.25, 1.5].reduce((sum, ratio) => sum + Math.sin(2 * Math.PI * root * ratio * t), 0)
      );
    },
  };
  return Object.entries(waves).map(([name, wave]) => ({
    name,
    samples: Int16Array.from({ length: seconds * RATE_HZ }, (_, i) => Math.round(32_767 * wave(i / RATE_HZ))),
  }));
}
