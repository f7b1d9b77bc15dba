/**
 * Runs the model once over silence-like windows before anyone waits for it, and measures on this machine what a
 * stream in speech costs.
 */
import { performance } from 'node:perf_hooks';
import type { WhisperModel } from './whisper-model.ts';
import { decodeWindows, type WindowRequest } from './window-decoder.ts';
import { WINDOW } from './window-settings.ts';

const TYPICAL_WINDOW_MS = 5_000;
const TYPICAL_NEW_TOKENS = 4;
const RUNS = 3;
/** A machine that is busy while the agent starts must not make it refuse rooms for ever: `busy` tells the rest. */
const LEAST_STREAMS = 3;

/** How many streams in speech this model thread keeps up with if each is decoded every two hops. */
export async function warmUp(model: WhisperModel): Promise<number> {
  const { tokens, frameMs } = model.files;
  const draft = Array.from({ length: 20 }, (_, i) => 300 + i);
  const request: WindowRequest = {
    frames: Math.round(TYPICAL_WINDOW_MS / frameMs),
    writeMel: (target, offset, columns) => {
      const end = offset + columns * model.files.mel.melBands;
      for (let i = offset; i < end; i++) target[i] = Math.sin(i * 12.9898) * 0.3;
    },
    prompt: [tokens.startOfTranscript, tokens.fr, tokens.transcribe, tokens.noTimestamps],
    startIndex: 0,
    committed: draft,
    draft: [],
    maxTokens: TYPICAL_NEW_TOKENS,
  };
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const startMs = performance.now();
    await decodeWindows(model, [request]);
    least = Math.min(least, performance.now() - startMs);
  }
  return Math.max(LEAST_STREAMS, Math.floor((2 * WINDOW.hopMs) / least));
}
