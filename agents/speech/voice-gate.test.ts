import { expect, test } from 'vitest';
import { VoiceGate } from './voice-gate.ts';

const RATE_HZ = 16_000;

/** A deterministic source of noise, uniform in -1 … 1. */
function createNoise(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Samples whose value at time t (in s) is `wave(t)`, full scale 1. */
function signal(seconds: number, wave: (t: number) => number): Int16Array {
  return Int16Array.from({ length: seconds * RATE_HZ }, (_, i) => Math.round(32_767 * wave(i / RATE_HZ)));
}

/** Syllables: noise bursts of 150 ms, five in two seconds, with the pauses of speech between them. */
function babble(noise: () => number, level: number): (t: number) => number {
  return (t) => (t % 0.4 < 0.15 ? level * noise() : 0);
}

/** Plays in frames of 80 ms and closes after 640 ms of quiet, as the track does; when it was open, in s. */
function openTimes(gate: VoiceGate, samples: Int16Array): { openedAt: number[]; openS: number } {
  const openedAt: number[] = [];
  let openS = 0;
  for (let at = 0; at < samples.length; at += 1_280) {
    if (gate.hear(samples.subarray(at, at + 1_280)) === 'opened') openedAt.push(at / RATE_HZ);
    if (gate.isOpen) openS += 0.08;
    if (gate.isOpen && gate.quietMs >= 640) gate.close();
  }
  return { openedAt, openS };
}

test('silence never opens it', () => {
  expect(
    openTimes(
      new VoiceGate(RATE_HZ),
      signal(10, () => 0),
    ).openedAt,
  ).toEqual([]);
});

test('speech opens it within 160 ms, at once as well as after a long silence', () => {
  const voice = babble(createNoise(), 0.1);
  for (const startS of [0, 8]) {
    const samples = signal(startS + 3, (t) => (t < startS ? 0 : voice(t - startS)));
    const { openedAt } = openTimes(new VoiceGate(RATE_HZ), samples);
    expect(openedAt.length).toBe(1);
    expect(openedAt[0]).toBeGreaterThanOrEqual(startS - 0.001);
    expect(openedAt[0]).toBeLessThan(startS + 0.16);
  }
});

test('a soft voice over a soft hiss is still heard', () => {
  const noise = createNoise();
  const voice = babble(noise, 0.02);
  const samples = signal(9, (t) => 0.002 * noise() + (t < 6 ? 0 : voice(t)));
  const { openedAt } = openTimes(new VoiceGate(RATE_HZ), samples);
  expect(openedAt.at(-1)).toBeGreaterThan(5.9);
  expect(openedAt.at(-1)).toBeLessThan(6.3);
});

test('a voice clipped to a square opens it once, and its pause is heard', () => {
  const clipped = babble(() => 1, 0.999);
  const noise = createNoise();
  const samples = signal(6, (t) => (t < 1.2 || t > 4 ? 0 : clipped(t) * Math.sign(noise())));
  const { openedAt, openS } = openTimes(new VoiceGate(RATE_HZ), samples);
  expect(openedAt.length).toBe(1);
  expect(openedAt[0]).toBeLessThan(1.36);
  expect(openS).toBeGreaterThan(2.8);
  expect(openS).toBeLessThan(4);
});

test.each([
  ['white noise', (noise: () => number) => () => 0.1 * noise()],
  ['a sine', () => (t: number) => 0.2 * Math.sin(2 * Math.PI * 1_000 * t)],
])('%s that goes on is taken for background after a few seconds', (_, wave) => {
  const { openS, openedAt } = openTimes(new VoiceGate(RATE_HZ), signal(20, wave(createNoise())));
  expect(openS).toBeLessThan(4.5);
  expect(openedAt.length).toBeLessThanOrEqual(2);
});

test('a single click does NOT open it', () => {
  const { openedAt } = openTimes(
    new VoiceGate(RATE_HZ),
    signal(4, (t) => (t > 2 && t < 2.01 ? 0.8 : 0)),
  );
  expect(openedAt).toEqual([]);
});

test('a constant offset is no sound', () => {
  expect(
    openTimes(
      new VoiceGate(RATE_HZ),
      signal(5, () => 0.01),
    ).openS,
  ).toBeLessThan(0.5);
});
