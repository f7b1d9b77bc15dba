/** Whatever order entries arrive in, and however often: a node applies each once, in order, or reads the log. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope } from './envelope.ts';
import { LogCursor } from './log-cursor.ts';

const entry = (offset: number, tag = offset * 7, epoch = 5): Envelope => ({
  kind: 'entry',
  epoch,
  offset,
  tag,
  previousTag: offset === 1 ? 0 : (offset - 1) * 7,
  inputs: [],
});

function at(offset: number): LogCursor {
  const cursor = new LogCursor();
  cursor.moveTo({ epoch: 5, offset, tag: offset * 7 });
  return cursor;
}

describe('the cursor', () => {
  it('applies each entry once and in order, whatever arrives, when it reads the log whenever it is astray', () => {
    const length = 12;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: length }), { maxLength: 60 }), (arrivals) => {
        const cursor = at(0);
        const applied: number[] = [];
        const read = (until: number): void => {
          for (let offset = cursor.offset + 1; offset <= until; offset += 1) {
            expect(cursor.take(entry(offset))).toBe('next');
            applied.push(offset);
          }
        };
        for (const offset of arrivals) {
          const arrival = cursor.take(entry(offset));
          if (arrival === 'next') applied.push(offset);
          else if (arrival === 'astray') read(offset);
        }
        expect(applied).toEqual(applied.map((_, index) => index + 1));
        expect(applied.length).toBe(Math.max(0, ...arrivals));
      }),
    );
  });

  it('does NOT take an entry that follows another log with the same numbers', () => {
    expect(at(4).take({ ...entry(5), previousTag: 99 })).toBe('astray');
    expect(at(4).take(entry(4, 99))).toBe('astray');
    expect(at(4).take(entry(5, 35, 6))).toBe('astray');
    expect(at(4).take({ ...entry(5), kind: 'renewed' })).toBe('astray');
  });

  it('knows the end of a meeting from the beginning of the next', () => {
    const erased: Envelope = { ...entry(0), kind: 'erased', epoch: 6 };
    expect(at(4).take(erased)).toBe('erased');
    const after = new LogCursor();
    after.moveTo({ epoch: 6, offset: 0, tag: 0 });
    expect(after.take(erased)).toBe('known');
  });
});
