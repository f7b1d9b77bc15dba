/**
 * Memory of a track that is open while nobody speaks, and of a slot beside its caches.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { readStepModel } from '../agents/speech/streaming/model-folder.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { SpeechSlot } from '../agents/speech/streaming/speech-slot.ts';
import { StepSession } from '../agents/speech/streaming/step-session.ts';
import { createStreamingEngine } from '../agents/speech/streaming/streaming-engine.ts';
import { readCommandLine } from './command-line.ts';
import { machine } from './machine.ts';
import { count, operand, resultFile } from './parameters.ts';
import { writeResult } from './result-file.ts';

const { folder, tracks, results } = readCommandLine({
  program: 'idle-tracks',
  launch: 'node --expose-gc',
  about: `Memory of a track that is open while nobody speaks: opens so many, lets each hear three seconds of faint noise,
and divides what is taken. About ten seconds.`,
  parameters: {
    folder: operand('FOLDER', 'of the step model, as agents/speech/streaming/fixtures/tiny'),
    tracks: count('open at once', 1_000),
    results: resultFile,
  },
});
const collect = (globalThis as { gc?: () => void }).gc;

const SECONDS = 3;
const FRAME_MS = 80;
const engine = await createStreamingEngine({ modelFolder: folder, workers: 1, maxStreams: tracks });
const frame = Int16Array.from(
  { length: (engine.sampleRateHz * FRAME_MS) / 1000 },
  (_, i) => ((i * 7_919) % 31) - 15,
);

async function residentBytes(): Promise<number> {
  collect?.();
  await pause(500);
  return process.memoryUsage().rss;
}

/** Opens tracks and lets them hear noise, a frame of each in turn, no faster than the thread looks. */
async function openTracks(count: number): Promise<void> {
  const streams = Array.from({ length: count }, () =>
    engine.openStream({ language: 'fr', onOutput: () => {} }),
  );
  for (let atMs = 0; atMs < SECONDS * 1000; atMs += FRAME_MS) {
    for (const stream of streams) stream.write(frame, atMs, atMs);
    await pause(FRAME_MS / 2);
  }
}

// The first ones pay for compiled code and pools.
const first = Math.floor(tracks / 10);
await openTracks(first);
const before = await residentBytes();
await openTracks(tracks - first);
const after = await residentBytes();
const activeStreams = engine.stats().activeStreams;
await engine.close();

const files = await readStepModel(folder);
const session = await StepSession.load(files, 1);
const state = new SlotState(session, 1);
const besideCaches = new SpeechSlot(files, state).bytes;
await session.close();

const result = {
  model: files.manifest.name,
  tracks,
  activeStreams,
  kibPerIdleTrack: Math.round((after - before) / (tracks - first) / 102.4) / 10,
  slotKiB: { caches: Math.round(state.bytesPerSlot / 1024), beside: Math.round(besideCaches / 1024) },
};
console.log(JSON.stringify(result, null, 2));
if (results) {
  const command = `node --expose-gc dist/bench/idle-tracks.js ${folder} --tracks ${tracks}`;
  writeResult({ machine: machine(), command, result }, results);
}
