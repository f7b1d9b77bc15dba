/** The speech engine that the configuration asks for: a model in this process, of either kind, or moshi-servers. */
import type { Logger } from '../runtime/log.ts';
import type { AgentConfig } from './config.ts';
import type { AgentMetrics } from './metrics.ts';
import { readModelKind } from './models/manifest-file.ts';
import { createMoshiEngine } from './speech/moshi/moshi-engine.ts';
import type { SpeechEngine } from './speech/speech-engine.ts';
import { createStreamingEngine } from './speech/streaming/streaming-engine.ts';
import { createWindowedEngine } from './speech/windowed/windowed-engine.ts';

/** Resolves with a warm engine; fails with what its factory fails with. */
export async function createEngine(
  config: AgentConfig,
  metrics: AgentMetrics,
  log: Logger,
): Promise<SpeechEngine> {
  if (config.moshi !== null) {
    const engine = await createMoshiEngine({ ...config.moshi, log });
    metrics.observeMoshi(() => engine.counters);
    return engine;
  }
  const { modelFolder, modelThreads } = config;
  // A step is short and batched: threads pay as workers with a batch each, not within one step.
  if ((await readModelKind(modelFolder)) === 'step') {
    return createStreamingEngine({ modelFolder, ...(modelThreads > 0 ? { workers: modelThreads } : {}) });
  }
  return createWindowedEngine({ modelFolder, ...(modelThreads > 0 ? { threads: modelThreads } : {}) });
}
