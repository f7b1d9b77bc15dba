import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSharedRing, SampleRingReader, SampleRingWriter } from './sample-ring.ts';

function ramp(from: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) => (from + i) & 0x7fff);
}

test('frames come out as they went in, across the end of the memory', () => {
  const ring = createSharedRing(1_000, 16);
  const writer = new SampleRingWriter(ring);
  const reader = new SampleRingReader(ring);
  for (let i = 0; i < 50; i++) {
    writer.write(ramp(i * 300, 300), i * 10, i * 10 + 1);
    const frame = reader.read();
    expect(frame?.samples).toEqual(ramp(i * 300, 300));
    expect(frame).toMatchObject({ startMs: i * 10, readMs: i * 10 + 1, lostSamples: 0 });
    expect(reader.read()).toBeNull();
  }
});

test('a reader that is behind loses the oldest frames and is told how much', () => {
  const ring = createSharedRing(1_000, 16);
  const writer = new SampleRingWriter(ring);
  const reader = new SampleRingReader(ring);
  for (let i = 0; i < 10; i++) writer.write(ramp(i, 300), i, i);
  expect(reader.read()).toMatchObject({ startMs: 7, lostSamples: 2_100 });
  expect(reader.read()).toMatchObject({ startMs: 8, lostSamples: 0 });
  expect(reader.read()).toMatchObject({ startMs: 9, lostSamples: 0 });
});

test('many tiny frames are bounded by their number', () => {
  const ring = createSharedRing(1_000, 4);
  const writer = new SampleRingWriter(ring);
  const reader = new SampleRingReader(ring);
  for (let i = 0; i < 9; i++) writer.write(ramp(i, 1), i, i);
  expect(reader.read()).toMatchObject({ startMs: 5, lostSamples: 5 });
});

test('an empty frame keeps its place in the order', () => {
  const ring = createSharedRing(100, 8);
  const writer = new SampleRingWriter(ring);
  const reader = new SampleRingReader(ring);
  writer.write(ramp(0, 10), 1, 1);
  writer.write(new Int16Array(0), 2, 2);
  writer.write(ramp(5, 10), 3, 3);
  const lengths = [1, 2, 3].map(() => reader.read()?.samples.length);
  expect(lengths).toEqual([10, 0, 10]);
});

test('a frame longer than the ring is refused', () => {
  const writer = new SampleRingWriter(createSharedRing(100, 8));
  expect(() => writer.write(new Int16Array(101), 0, 0)).toThrow(RangeError);
});

test('a reader that comes later does NOT hear what was written before it', () => {
  const ring = createSharedRing(1_000, 16);
  const writer = new SampleRingWriter(ring);
  writer.write(ramp(0, 10), 1, 1);
  const reader = new SampleRingReader(ring);
  expect(reader.read()).toBeNull();
  new SampleRingWriter(ring).write(ramp(20, 10), 2, 2);
  expect(reader.read()).toMatchObject({ startMs: 2, lostSamples: 0 });
});

test('whatever the order of writes and reads, every frame is read intact or counted as lost', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 90 }), fc.constant('read' as const))),
      (actions) => {
        const ring = createSharedRing(200, 6);
        const writer = new SampleRingWriter(ring);
        const reader = new SampleRingReader(ring);
        let written = 0;
        let samplesWritten = 0;
        let samplesSeen = 0;
        const drain = (): boolean => {
          const frame = reader.read();
          if (!frame) return false;
          samplesSeen += frame.lostSamples + frame.samples.length;
          expect(frame.samples).toEqual(ramp(frame.startMs * 7, frame.samples.length));
          return true;
        };
        for (const action of actions) {
          if (action === 'read') drain();
          else {
            writer.write(ramp(written * 7, action), written++, 0);
            samplesWritten += action;
          }
        }
        while (drain());
        expect(samplesSeen).toBe(samplesWritten);
      },
    ),
  );
});
