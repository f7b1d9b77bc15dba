import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LogMel } from './log-mel.ts';
import { SpeechWindow } from './speech-window.ts';

const model = new URL('../../../models/whisper-base/', import.meta.url).pathname;
const present = existsSync(`${model}golden.json`);
if (!present) console.warn('skipped: models/whisper-base/golden.json is not in this checkout');

function createWindow(maxFrames = 500): SpeechWindow {
  const bytes = readFileSync(`${model}mel-filters.f32`);
  const filters = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return new SpeechWindow(
    new LogMel({ fftSamples: 400, hopSamples: 160, melBands: 80, filters }),
    16_000,
    maxFrames,
  );
}

/** The signal that training/golden.py describes, then silence. */
function goldenSamples(count: number, silence: number): Int16Array {
  const samples = new Int16Array(count + silence);
  for (let i = 0; i < count; i++) {
    const value =
      0.4 * (i / 8000) * Math.sin((2 * Math.PI * 440 * i) / 16_000) +
      0.1 * Math.sin((2 * Math.PI * 3000 * i) / 16_000) +
      0.05 * (((i * 7919) % 1000) / 500 - 1);
    samples[i] = Math.round(value * 32_768);
  }
  return samples;
}

test.skipIf(!present)('log-mel equals the reference in training, however the audio is cut', () => {
  const golden = JSON.parse(readFileSync(`${model}golden.json`, 'utf8'));
  const samples = goldenSamples(golden.samples, golden.silenceSamples);
  const reference: number[][] = golden.mel.withSilence;
  for (const chunk of [1280, 320, 777, 9600]) {
    const window = createWindow();
    for (let at = 0; at < samples.length; at += chunk) window.push(samples.subarray(at, at + chunk), at / 16);
    const columns = window.frames * 2;
    expect(columns).toBeGreaterThanOrEqual(56);
    const mel = new Float32Array(80 * columns);
    window.writeNormalised(mel, 0, columns);
    let worst = 0;
    for (let band = 0; band < 80; band++) {
      for (let t = 0; t < columns; t++) {
        worst = Math.max(worst, Math.abs((mel[band * columns + t] ?? 0) - (reference[band]?.[t] ?? 9)));
      }
    }
    // Nearly silent bands feel the rounding to 16 bits; log-mel.test.ts asserts the transform itself.
    expect(worst).toBeLessThan(1e-2);
  }
});

test.skipIf(!present)('positions map to the caption clock across trims and small jumps', () => {
  const window = createWindow();
  const frame = new Int16Array(1280);
  let startMs = 1_000_000;
  for (let i = 0; i < 20; i++) {
    window.push(frame, startMs);
    startMs += i === 9 ? 85 : 80;
  }
  expect(window.timeAt(0)).toBe(1_000_000);
  expect(window.timeAt(30)).toBe(1_000_600);
  expect(window.timeAt(60)).toBeCloseTo(1_001_205, 6);
  window.dropFirst(45);
  expect(window.timeAt(15)).toBeCloseTo(1_001_205, 6);
  expect(window.timeAt(0)).toBeCloseTo(1_000_905, -1);
});

test.skipIf(!present)('beyond its end a window reads as silence', () => {
  const window = createWindow();
  window.push(goldenSamples(3_200, 0), 0);
  const mel = new Float32Array(80 * 60).fill(Number.NaN);
  window.writeNormalised(mel, 0, 60);
  expect(mel.some(Number.isNaN)).toBe(false);
  expect(mel[59]).toBe(Math.min(...mel));
});

test.skipIf(!present)('a full window says so and takes no further frame', () => {
  const window = createWindow(10);
  for (let i = 0; i < 4; i++) window.push(new Int16Array(1280), i * 80);
  expect(window.isFull).toBe(true);
  expect(window.frames).toBe(10);
});
