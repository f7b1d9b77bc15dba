/** Runs a step graph before anyone waits for it, and finds out how many streams this machine carries at once. */
import { performance } from 'node:perf_hooks';
import { SlotState } from './slot-state.ts';
import type { StepSession } from './step-session.ts';

const RUNS = 3;
/** Share of a step's length that a step over all slots may take. */
const FULL_LOAD = 0.7;
/** A machine that is busy while the agent starts must not make it refuse speakers for ever: `busy` tells the rest. */
const LEAST_SLOTS = 4;

/** How many streams can speak at once, at most `maxSlots`. */
export async function warmUp(session: StepSession, maxSlots: number): Promise<number> {
  const { stepSamples, sampleRateHz } = session.files.manifest;
  const budgetMs = (FULL_LOAD * stepSamples * 1000) / sampleRateHz;
  const least = Math.min(LEAST_SLOTS, maxSlots);
  let carried = least;
  for (let count = 1; ; count = Math.min(maxSlots, count * 2)) {
    const stepMs = await bestStepMs(session, count);
    if (stepMs > budgetMs) {
      // Larger batches never cost more a row, so what fits is at least this many.
      return Math.max(carried, Math.min(count, Math.floor((count * budgetMs) / stepMs)));
    }
    carried = Math.max(least, count);
    if (count === maxSlots) return maxSlots;
  }
}

async function bestStepMs(session: StepSession, count: number): Promise<number> {
  const state = new SlotState(session, count);
  for (let slot = 0; slot < count; slot++) state.reset(slot);
  const audio = state.audio.data;
  for (let i = 0; i < audio.length; i++) audio[i] = Math.sin(i * 12.9898) * 0.1;
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const startMs = performance.now();
    await session.run(state.feeds(0, count));
    best = Math.min(best, performance.now() - startMs);
  }
  return best;
}
