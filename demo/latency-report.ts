/**
 * What the words of a demo cost in time. For each word, all in ms:
 *
 *     end of word          on the speaker's microphone clock
 *      │ capture           least delay of the track from microphone to agent (WebRTC; TransportProbe measures it)
 *      │ hearing           audio that the model heard after the word's end before it gave the word
 *      │ frame             that audio's arrival beyond the least delay, until the microphone reader had it
 *      │ queue             until the batch loop gathered it
 *      │ step              until the model had decoded it
 *      │ uplink            until the gateway had it
 *      │ fanout            until the gateway published it
 *      │ viewer            until this process had it
 *     shown
 *
 * They add up to `endToEnd`. `modelDelay` is hearing + queue + step: what a better model or more cores shorten.
 * `beyondModel` is the rest, `beyondModelAndTransport` is that without capture: our own code and sockets.
 * Errors: word ends are the model's (±100 ms, in `hearing` and `endToEnd` only), capture ±5 ms, the rest below 1 ms
 * on one machine. Pure.
 */
import type { StageTimes } from '../protocol/caption-event.ts';
import type { ShownWord } from './spoken-words.ts';

export const STAGES = ['capture', 'frame', 'queue', 'step', 'uplink', 'fanout', 'viewer'] as const;
export type Stage = (typeof STAGES)[number];

/** ms, rounded to tenths; null when nothing was measured. */
export interface Distribution {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

export interface LatencyReport {
  readonly stages: Readonly<Record<Stage, Distribution>>;
  readonly modelDelay: Distribution;
  readonly endToEnd: Distribution;
  readonly beyondModel: Distribution;
  readonly beyondModelAndTransport: Distribution;
}

export interface TimedWord {
  readonly word: ShownWord;
  /** Null when the probe heard nobody. */
  readonly captureMs: number | null;
}

interface WordLatency {
  readonly stages: Record<Stage, number | null>;
  readonly modelDelay: number;
  readonly endToEnd: number | null;
  readonly beyondModel: number | null;
  readonly beyondModelAndTransport: number;
}

export function latencyReport(words: readonly TimedWord[]): LatencyReport {
  const latencies = words.flatMap(({ word, captureMs }) =>
    word.times === null ? [] : [latencyOf(word, word.times, captureMs)],
  );
  const over = (pick: (latency: WordLatency) => number | null) => distribution(latencies.map(pick));
  return {
    stages: Object.fromEntries(
      STAGES.map((stage) => [stage, over(({ stages }) => stages[stage])]),
    ) as LatencyReport['stages'],
    modelDelay: over(({ modelDelay }) => modelDelay),
    endToEnd: over(({ endToEnd }) => endToEnd),
    beyondModel: over(({ beyondModel }) => beyondModel),
    beyondModelAndTransport: over(({ beyondModelAndTransport }) => beyondModelAndTransport),
  };
}

function latencyOf(word: ShownWord, times: StageTimes, captureMs: number | null): WordLatency {
  const stages = {
    capture: captureMs,
    frame: times.readUs / 1_000,
    queue: (times.gatheredUs - times.readUs) / 1_000,
    step: (times.steppedUs - times.gatheredUs) / 1_000,
    uplink: (times.receivedUs - times.steppedUs) / 1_000,
    fanout: (times.publishedUs - times.receivedUs) / 1_000,
    viewer: word.shownMs - (times.audioMs + times.publishedUs / 1_000),
  };
  const hearing = times.audioMs - word.endMs;
  const own = stages.frame + stages.uplink + stages.fanout + stages.viewer;
  const shownAfterArrival = word.shownMs - word.endMs;
  return {
    stages,
    modelDelay: hearing + stages.queue + stages.step,
    endToEnd: captureMs === null ? null : captureMs + shownAfterArrival,
    beyondModel: captureMs === null ? null : captureMs + own,
    beyondModelAndTransport: own,
  };
}

/** Percentiles by the nearest rank. */
export function distribution(values: readonly (number | null)[]): Distribution {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const rank = (share: number) => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return value === undefined ? null : Math.round(value * 10) / 10;
  };
  return { p50: rank(0.5), p95: rank(0.95), max: rank(1) };
}

export function median(values: readonly number[]): number | null {
  return distribution(values).p50;
}
