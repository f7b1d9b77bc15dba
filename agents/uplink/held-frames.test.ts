import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldFrames } from './held-frames.ts';

const bytes = (length = 10) => new Uint8Array(length);

function numbersAfter(held: HeldFrames, number: number): number[] {
  const numbers: number[] = [];
  for (let frame = held.next(number); frame; frame = held.next(frame.number)) numbers.push(frame.number);
  return numbers;
}

describe('held frames', () => {
  it('are numbered from 1 and read from any position', () => {
    const held = new HeldFrames({ frames: 10, bytes: 1000 });
    for (let index = 0; index < 3; index += 1) held.push(bytes());
    expect(numbersAfter(held, 0)).toEqual([1, 2, 3]);
    expect(numbersAfter(held, 2)).toEqual([3]);
    expect(numbersAfter(held, 3)).toEqual([]);
  });

  it('stay after their acknowledgement, for a gateway that restarts empty', () => {
    const held = new HeldFrames({ frames: 10, bytes: 1000 });
    held.push(bytes());
    held.acknowledge(1);
    expect(held.allAcknowledged).toBe(true);
    expect(numbersAfter(held, 0)).toEqual([1]);
  });

  it('drop the oldest when full and tell which were lost for good', () => {
    const held = new HeldFrames({ frames: 2, bytes: 1000 });
    held.push(bytes());
    held.acknowledge(1);
    held.push(bytes());
    expect(held.push(bytes())).toBe(0);
    expect(held.push(bytes())).toBe(1);
    expect(numbersAfter(held, 0)).toEqual([3, 4]);
  });

  it('keep the newest frame even when it alone is over the limit', () => {
    const held = new HeldFrames({ frames: 5, bytes: 15 });
    held.push(bytes(40));
    expect(numbersAfter(held, 0)).toEqual([1]);
  });

  it('do NOT believe an acknowledgement of what was never sent', () => {
    const held = new HeldFrames({ frames: 5, bytes: 1000 });
    held.acknowledge(9);
    held.push(bytes());
    expect(held.allAcknowledged).toBe(false);
  });

  it('let go of what a gateway has, and of nothing else', () => {
    const held = new HeldFrames({ frames: 5, bytes: 1000 });
    for (let number = 1; number <= 4; number += 1) held.push(bytes());
    held.acknowledge(3);
    held.dropAcknowledged();
    expect(numbersAfter(held, 0)).toEqual([4]);
    held.acknowledge(4);
    held.dropAcknowledged();
    expect(held.count).toBe(0);
    held.push(bytes());
    expect(numbersAfter(held, 0)).toEqual([5]);
  });

  it('hold exactly the newest within their limits, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 300 }), (sizes) => {
        const held = new HeldFrames({ frames: 20, bytes: 300 });
        for (const size of sizes) held.push(bytes(size));
        expect(held.count).toBeLessThanOrEqual(20);
        expect(held.bytes).toBeLessThanOrEqual(300);
        const numbers = numbersAfter(held, 0);
        expect(numbers).toEqual(
          Array.from({ length: held.count }, (_, i) => sizes.length - held.count + i + 1),
        );
      }),
    );
  });
});
