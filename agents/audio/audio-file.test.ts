import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadAudioFile, readAudioFile } from './audio-file.ts';

const RATE_HZ = 16_000;
const fixtures = new URL('./fixtures/', import.meta.url).pathname;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audio-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Frequency with as many rising zero crossings as the middle of the signal has. */
function frequencyHz(samples: Int16Array): number {
  const middle = samples.subarray(Math.floor(samples.length / 4), Math.floor((samples.length * 3) / 4));
  let rising = 0;
  for (let i = 1; i < middle.length; i++) if ((middle[i - 1] ?? 0) < 0 && (middle[i] ?? 0) >= 0) rising++;
  return (rising * RATE_HZ) / middle.length;
}

/** A canonical header for 16-bit mono, followed by nothing. */
function wavHeader(sampleRateHz: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

test.each([
  'tone-44100.mp3',
  'tone-48000-vorbis.ogg',
  'tone-48000-opus.ogg',
  'tone-stereo.opus',
  'tone-32000.flac',
  'tone-22050-24bit.wav',
  'tone-11025-24bit.aiff',
  'tone-8000-mulaw.wav',
])('%s becomes one second of a 440 Hz tone', async (name) => {
  const samples = await loadAudioFile(join(fixtures, name), RATE_HZ);
  expect(samples.length / RATE_HZ).toBeCloseTo(1, 1);
  expect(frequencyHz(samples)).toBeCloseTo(440, -1);
  const rms = Math.hypot(...samples.subarray(4_000, 12_000)) / Math.sqrt(8_000);
  expect(rms / 32_768).toBeCloseTo(0.125 / Math.SQRT2, 1);
});

test.each([
  ['nothing is there', 'absent.wav', null, 'audio-unreadable'],
  ['the file is empty', 'empty.wav', Buffer.alloc(0), 'audio-empty'],
  ['there is only a header', 'header.wav', wavHeader(RATE_HZ, 0), 'audio-empty'],
  ['it is text', 'text.wav', Buffer.from('# not a sound at all\n'.repeat(10)), 'audio-unknown-format'],
  [
    'the sampling rate is absurd',
    'rate.wav',
    Buffer.concat([wavHeader(1, 64), Buffer.alloc(64)]),
    'audio-broken',
  ],
])('when %s the error says so', async (_, name, bytes, code) => {
  const path = join(folder, name);
  if (bytes) await writeFile(path, bytes);
  await expect(loadAudioFile(path, RATE_HZ)).rejects.toMatchObject({ name: 'SurtitreError', code });
});

test('a folder is refused', async () => {
  await expect(loadAudioFile(folder, RATE_HZ)).rejects.toMatchObject({ code: 'audio-unreadable' });
});

test('three hours are read piece by piece and refused as a whole', async () => {
  const path = join(folder, 'long.wav');
  const dataBytes = 3 * 3_600 * RATE_HZ * 2;
  const file = await open(path, 'w');
  await file.write(wavHeader(RATE_HZ, dataBytes));
  await file.truncate(44 + dataBytes);
  await file.close();
  let longest = 0;
  let total = 0;
  for await (const piece of readAudioFile(path, RATE_HZ)) {
    longest = Math.max(longest, piece.length);
    total += piece.length;
  }
  expect(total / RATE_HZ).toBe(3 * 3_600);
  expect(longest / RATE_HZ).toBeLessThan(10);
  await expect(loadAudioFile(path, RATE_HZ)).rejects.toMatchObject({ code: 'audio-too-long' });
});
