/** Speech for the model of {@link StrictMoshiServer}: each word a burst of its own loudness, at 24 kHz. */
import { BURST_WORDS } from './strict-moshi-server.ts';

const RATE_HZ = 24_000;
export const BURST_MS = 240;
export const GAP_MS = 200;

/** Silence, then the words with gaps between them, then silence. */
export function burstSpeech(words: readonly string[], leadMs: number, tailMs: number): Int16Array {
  const at = (ms: number) => Math.round((ms * RATE_HZ) / 1_000);
  const samples = new Int16Array(at(leadMs + words.length * (BURST_MS + GAP_MS) + tailMs));
  for (const [index, word] of words.entries()) {
    const peak = (BURST_WORDS.indexOf(word) * 32_768) / 50;
    const begin = at(burstStartMs(index, leadMs));
    for (let i = 0; i < at(BURST_MS); i++) samples[begin + i] = i % 40 < 20 ? peak : -peak;
  }
  return samples;
}

export function burstStartMs(index: number, leadMs: number): number {
  return leadMs + index * (BURST_MS + GAP_MS);
}
