import { describe, expect, it } from 'vitest';
import { newAllowance, spend } from './inbound-allowance.ts';

describe('what a viewer may send', () => {
  it('is a join and a sample every ten seconds, for ever', () => {
    const allowance = newAllowance(0);
    expect(spend(allowance, 4_096, 0)).toBe(true);
    for (let second = 10; second < 36_000; second += 10) {
      expect(spend(allowance, 30, second * 1000)).toBe(true);
    }
  });

  it('ends soon for one that never stops, however small its frames', () => {
    const allowance = newAllowance(0);
    let frames = 0;
    while (spend(allowance, 0, frames)) frames += 1;
    expect(frames).toBeLessThan(200);
  });

  it('comes back with time', () => {
    const allowance = newAllowance(0);
    while (spend(allowance, 1_000, 0));
    expect(spend(allowance, 1_000, 60_000)).toBe(true);
  });
});
