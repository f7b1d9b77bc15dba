/** The result of a demo as the document of `--json` and as a table for people. Pure. */
import { basename } from 'node:path';
import { captureDelay } from './capture-delay.ts';
import { type Distribution, type LatencyReport, latencyReport, STAGES } from './latency-report.ts';
import type { DemoResult } from './room-demo.ts';

/** All times in ms; those of words count from the first sample of their file. */
export interface DemoReport extends LatencyReport {
  readonly speakers: readonly {
    readonly file: string;
    readonly identity: string;
    readonly name: string;
    readonly text: string;
    readonly words: readonly { text: string; startMs: number; endMs: number; shownMs: number }[];
  }[];
  /** Busy seconds of the model thread for each second of sound; null when the agent's metrics are out of reach. */
  readonly realTimeFactor: number | null;
  readonly missedDeadlines: number | null;
  /** What the captions themselves declare as missing. */
  readonly gaps: number;
  /** Frames that had to be fetched again, connections that were lost. */
  readonly missedFrames: number;
  readonly reconnects: number;
  /** Shown words that changed later. Anything but 0 is a fault. */
  readonly contradictions: number;
}

export function demoReport(result: DemoResult): DemoReport {
  const { speakers, words, transport, agent, missedFrames, reconnects } = result;
  const seconds = speakers.reduce((sum, { file }) => sum + file.seconds, 0);
  const spoken = speakers.map((speaker) => ({
    ...speaker,
    words: (words.of(speaker.identity)?.words ?? []).map((word) => ({
      word,
      captureMs: captureDelay(transport, speaker.identity, word.endMs),
    })),
  }));
  return {
    speakers: spoken.map(({ file, identity, fileStartMs, words: own }) => ({
      file: file.path,
      identity,
      name: file.name,
      text: own.map(({ word }) => word.text).join(' '),
      words: own.map(({ word: { text, startMs, endMs, shownMs }, captureMs }) => {
        // The caption clock runs behind the microphone by the way there.
        const captionZeroMs = fileStartMs + (captureMs ?? 0);
        return {
          text,
          startMs: Math.round(startMs - captionZeroMs),
          endMs: Math.round(endMs - captionZeroMs),
          shownMs: Math.round(shownMs - fileStartMs),
        };
      }),
    })),
    ...latencyReport(spoken.flatMap(({ words: own }) => own)),
    realTimeFactor: agent === null ? null : Math.round((agent.busySeconds / seconds) * 1_000) / 1_000,
    missedDeadlines: agent?.missedDeadlines ?? null,
    gaps: words.gaps.length,
    missedFrames,
    reconnects,
    contradictions: words.contradictions,
  };
}

export function reportTable(report: DemoReport): string {
  const speakers = report.speakers.map(
    ({ name, file, words }) => `${String(words.length).padStart(6)} words  ${name} (${basename(file)})`,
  );
  const rows: [string, Distribution][] = [
    ...STAGES.map((stage): [string, Distribution] => [stage, report.stages[stage]]),
    ['model delay', report.modelDelay],
    ['everything but the model', report.beyondModel],
    ['  without WebRTC transport', report.beyondModelAndTransport],
    ['end of word → viewer', report.endToEnd],
  ];
  return [
    '',
    ...speakers,
    '',
    `${'latency, ms'.padEnd(28)}${['p50', 'p95', 'max'].map((head) => head.padStart(9)).join('')}`,
    ...rows.map(([name, { p50, p95, max }]) => `${name.padEnd(28)}${[p50, p95, max].map(cell).join('')}`),
    '',
    `real-time factor ${report.realTimeFactor ?? 'unknown'} · missed deadlines ${report.missedDeadlines ?? 'unknown'} · ` +
      `gaps ${report.gaps} · frames fetched again ${report.missedFrames} · words changed ${report.contradictions}`,
  ].join('\n');
}

function cell(value: number | null): string {
  return (value === null ? '–' : value.toFixed(1)).padStart(9);
}
