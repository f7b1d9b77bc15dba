import { expect, it } from 'vitest';
import { testTones } from './test-tones.ts';

it('is a WAV file of three tones, quiet at both ends of each', async () => {
  const bytes = new DataView(await testTones().arrayBuffer());
  const text = (offset: number) =>
    String.fromCharCode(...[0, 1, 2, 3].map((index) => bytes.getUint8(offset + index)));
  expect([text(0), text(8), text(12), text(36)]).toEqual(['RIFF', 'WAVE', 'fmt ', 'data']);
  const samples = (bytes.byteLength - 44) / 2;
  expect(bytes.getUint32(40, true)).toBe(2 * samples);
  expect(samples / 24_000).toBeCloseTo(1.05);
  const at = (index: number) => Math.abs(bytes.getInt16(44 + 2 * index, true));
  for (const edge of [0, samples / 3, (2 * samples) / 3, samples - 1]) expect(at(edge)).toBeLessThan(500);
  let loudest = 0;
  for (let index = 0; index < samples; index += 1) loudest = Math.max(loudest, at(index));
  expect(loudest).toBeGreaterThan(12_000);
});
