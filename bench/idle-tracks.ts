/**
 * Memory of a track that is open while nobody speaks, and of a slot beside its caches.
 *
 *     node --expose-gc dist/bench/idle-tracks.js agents/speech/streaming/fixtures/tiny
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readStepModel } from '../agents/speech/streaming/model-folder.ts';
import { SlotState } from '../agents/speech/streaming/slot-state.ts';
import { SpeechSlot } from '../agents/speech/streaming/speech-slot.ts';
import { StepSession } from '../agents/speech/streaming/step-session.ts';
import { createStreamingEngine } from '../agents/speech/streaming/streaming-engine.ts';
import { machine } from './machine.ts';
import { writeResult } from './result-file.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tracks: { type: 'string', default: '1000' },
    results: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const folder = positionals[0];
const collect = (globalThis as { gc?: () => void }).gc;
if (values.help || !folder || !collect) {
  console.log(`node --expose-gc dist/bench/idle-tracks.js FOLDER [--tracks 1000] [--results FILE]

Opens so many tracks of a step model, lets each hear three seconds of faint noise, and divides the memory.`);
  process.exit(values.help ? 0 : 1);
}

const SECONDS = 3;
const FRAME_MS = 80;
const tracks = Number(values.tracks);
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
if (values.results) {
  const command = `node --expose-gc dist/bench/idle-tracks.js ${folder} --tracks ${tracks}`;
  writeResult({ machine: machine(), command, result }, values.results);
}
