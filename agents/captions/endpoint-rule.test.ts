import { describe, expect, it } from 'vitest';
import { endsBeforeNextWord } from './endpoint-rule.ts';

const text = (length: number, end = '') => 'a'.repeat(length - end.length) + end;

describe('the endpoint rule', () => {
  it('lets a short sentence go on', () => {
    expect(endsBeforeNextWord({ text: 'Good morning.', startMs: 0, endMs: 900 })).toBe(false);
  });

  it.each(['.', '!', '?', '…', '.”', '. »', '?\u202f»'])('ends a long text after %s', (end) => {
    expect(endsBeforeNextWord({ text: text(200, end), startMs: 0, endMs: 9_000 })).toBe(true);
  });

  it('ends a sentence that took long although it is short', () => {
    expect(endsBeforeNextWord({ text: 'So.', startMs: 0, endMs: 15_000 })).toBe(true);
  });

  it('does NOT cut inside a sentence before the hard limit', () => {
    expect(endsBeforeNextWord({ text: text(399, ','), startMs: 0, endMs: 29_999 })).toBe(false);
  });

  it('cuts anywhere at the hard limit', () => {
    expect(endsBeforeNextWord({ text: text(400), startMs: 0, endMs: 1 })).toBe(true);
    expect(endsBeforeNextWord({ text: 'well', startMs: 0, endMs: 30_000 })).toBe(true);
  });
});
