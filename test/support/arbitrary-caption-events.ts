/** Random but valid caption events, for property tests. */
import fc from 'fast-check';
import type { CaptionEvent, StageTimes } from '../../protocol/caption-event.ts';

const timeMs = fc.integer({ min: 0, max: 2_000_000_000_000 });
const speaker = fc.record({
  identity: fc.string({ maxLength: 12 }),
  name: fc.string({ unit: 'grapheme', maxLength: 12 }),
  trackSid: fc.string({ maxLength: 12 }),
});
const language = fc.constantFrom('fr' as const, 'en' as const);
const source = fc.constantFrom('machine' as const, 'human' as const);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });

export interface ArbitraryEventOptions {
  /** Few of them make events meet. */
  readonly utterance?: fc.Arbitrary<number>;
}

export function arbitraryCaptionEvent({
  utterance = fc.maxSafeNat(),
}: ArbitraryEventOptions = {}): fc.Arbitrary<CaptionEvent> {
  const type = <T extends string>(name: T) => fc.constant(name);
  return fc.oneof(
    fc.record({ type: type('opened'), utterance, speaker, language, source, startMs: timeMs }),
    fc
      .record({
        type: type('appended'),
        utterance,
        offset: fc.nat({ max: 30 }),
        text,
        startMs: timeMs,
        lasts: fc.nat({ max: 5_000 }),
      })
      .map(({ lasts, ...event }) => ({ ...event, endMs: event.startMs + lasts })),
    fc.record({ type: type('closed'), utterance, length: fc.nat({ max: 40 }), endMs: timeMs }),
    fc.record({
      type: type('restored'),
      utterance,
      speaker,
      language,
      source,
      startMs: timeMs,
      endMs: fc.option(timeMs),
      text,
      wordTimes: fc.array(fc.nat({ max: 100_000 }), { maxLength: 6 }),
      revision: fc.nat({ max: 2 }),
    }),
    fc.record({
      type: type('gap'),
      identity: fc.option(fc.string({ maxLength: 4 })),
      fromMs: timeMs,
      toMs: timeMs,
      reason: fc.constantFrom('agent-lost' as const, 'overload' as const, 'captions-lost' as const),
    }),
    fc.record({
      type: type('status'),
      state: fc.constantFrom('starting', 'live', 'interrupted', 'unavailable', 'off', 'off-record'),
      sinceMs: timeMs,
    }),
    fc.record({ type: type('erased'), atMs: timeMs }),
  ) as fc.Arbitrary<CaptionEvent>;
}

const microseconds = fc.nat({ max: 2_000_000_000 });
export const arbitraryTimes: fc.Arbitrary<StageTimes | null> = fc.option(
  fc.record({
    audioMs: timeMs,
    readUs: microseconds,
    gatheredUs: microseconds,
    steppedUs: microseconds,
    sentUs: microseconds,
    receivedUs: microseconds,
    publishedUs: microseconds,
  }),
);
