import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PairedFourier } from './fourier.ts';
import { LogMel } from './log-mel.ts';

const model = new URL('../../../models/whisper-base/', import.meta.url).pathname;
const present = existsSync(`${model}golden.json`);
if (!present) console.warn('skipped: models/whisper-base/golden.json is not in this checkout');

test.skipIf(!present)('the transform equals the reference in training within 1e-4', () => {
  const golden = JSON.parse(readFileSync(`${model}golden.json`, 'utf8'));
  const bytes = readFileSync(`${model}mel-filters.f32`);
  const filters = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const mel = new LogMel({ fftSamples: 400, hopSamples: 160, melBands: 80, filters });
  // Mirrored by 200 samples before the start, silence after the end.
  const samples = new Float64Array(200 + golden.samples + golden.silenceSamples);
  for (let i = 0; i < golden.samples; i++) {
    samples[200 + i] =
      32_768 *
      (0.4 * (i / 8000) * Math.sin((2 * Math.PI * 440 * i) / 16_000) +
        0.1 * Math.sin((2 * Math.PI * 3000 * i) / 16_000) +
        0.05 * (((i * 7919) % 1000) / 500 - 1));
  }
  for (let i = 0; i < 200; i++) samples[i] = samples[400 - i] ?? 0;

  const reference: number[][] = golden.mel.withSilence;
  const frames = Array.from({ length: reference[0]?.length ?? 0 }, () => new Float32Array(80));
  for (let t = 0; t + 1 < frames.length; t += 2) {
    mel.framePair(samples, t * 160, frames[t] ?? new Float32Array(80), frames[t + 1] ?? new Float32Array(80));
  }
  const max = Math.max(...frames.map((frame) => Math.max(...frame)));
  for (const [t, frame] of frames.entries()) {
    for (const [band, power] of frame.entries()) {
      expect(Math.abs((Math.max(power, max - 8) + 4) / 4 - (reference[band]?.[t] ?? 9))).toBeLessThan(1e-4);
    }
  }
});

test('two frames transformed at once have the power of two plain transforms', () => {
  const points = 60;
  const fourier = new PairedFourier(points);
  const signal = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: points,
    maxLength: points,
  });
  fc.assert(
    fc.property(signal, signal, (first, second) => {
      const powers = [new Float64Array(31), new Float64Array(31)] as const;
      fourier.powers(Float64Array.from(first), Float64Array.from(second), powers[0], powers[1]);
      for (const [row, frame] of [first, second].entries()) {
        for (let bin = 0; bin <= points / 2; bin++) {
          let re = 0;
          let im = 0;
          for (const [i, x] of frame.entries()) {
            re += x * Math.cos((2 * Math.PI * bin * i) / points);
            im -= x * Math.sin((2 * Math.PI * bin * i) / points);
          }
          expect(powers[row]?.[bin]).toBeCloseTo(re * re + im * im, 8);
        }
      }
    }),
    { numRuns: 20 },
  );
});
