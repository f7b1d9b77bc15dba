/** The bytes of every message between gateway and viewer, and what decoders do with anything else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCaptionEvent, arbitraryTimes } from '../test/support/arbitrary-caption-events.ts';
import { hexOf } from '../test/support/hex.ts';
import type { CaptionEvent } from './caption-event.ts';
import { MalformedMessage } from './malformed-message.ts';
import { packMessage } from './msgpack.ts';
import {
  packEvents,
  packFromViewer,
  packToViewer,
  packWelcome,
  type ToViewer,
  unpackFromViewer,
  unpackToViewer,
} from './viewer-message.ts';

/** 2023-11-14T22:13:20Z; as a float64 its bytes are 42 78 bc fe 56 80 00 00. */
const T = 1_700_000_000_000;
const speaker = { identity: 'p-1', name: 'Ana', trackSid: 'TR_1' };

function eventBytes(event: CaptionEvent): string {
  const frame = hexOf(packToViewer({ type: 'frame', epoch: 1, seq: 2, times: null, events: [event] }));
  // fixarray(5), FRAME, epoch 1, seq 2, no times, fixarray(1)
  expect(frame.startsWith('95 01 01 02 c0 91 ')).toBe(true);
  return frame.slice('95 01 01 02 c0 91 '.length);
}

describe('the bytes of an event', () => {
  it('opened: code 0, utterance, identity, name, track, language, source, start', () => {
    expect(
      eventBytes({
        type: 'opened',
        utterance: 2 ** 52 + 1,
        speaker,
        language: 'fr',
        source: 'machine',
        startMs: T,
      }),
    ).toBe(
      '98 00 cb 43 30 00 00 00 00 00 01 a3 70 2d 31 a3 41 6e 61 a4 54 52 5f 31 00 00 cb 42 78 bc fe 56 80 00 00',
    );
  });

  it('appended: code 1, utterance, offset, UTF-8 text, start, duration', () => {
    expect(
      eventBytes({ type: 'appended', utterance: 7, offset: 3, text: ' né', startMs: T, endMs: T + 240 }),
    ).toBe('96 01 07 03 a4 20 6e c3 a9 cb 42 78 bc fe 56 80 00 00 cc f0');
  });

  it('closed: code 2, utterance, length, end', () => {
    expect(eventBytes({ type: 'closed', utterance: 7, length: 6, endMs: T + 400 })).toBe(
      '94 02 07 06 cb 42 78 bc fe 56 99 00 00',
    );
  });

  it('restored: code 3, utterance, speaker, language, source, start, end or nil, text, word times, revision', () => {
    expect(
      eventBytes({
        type: 'restored',
        utterance: 7,
        speaker,
        language: 'en',
        source: 'human',
        startMs: T,
        endMs: null,
        text: 'hi you',
        wordTimes: [0, 100, 120, 300],
        revision: 1,
      }),
    ).toBe(
      '9c 03 07 a3 70 2d 31 a3 41 6e 61 a4 54 52 5f 31 01 01 cb 42 78 bc fe 56 80 00 00 c0 a6 68 69 20 79 6f 75 94 00 64 78 cd 01 2c 01',
    );
  });

  it('gap: code 4, identity or nil, from, to, reason', () => {
    expect(
      eventBytes({ type: 'gap', identity: null, fromMs: T, toMs: T + 5_000, reason: 'agent-lost' }),
    ).toBe('95 04 c0 cb 42 78 bc fe 56 80 00 00 cb 42 78 bc fe 57 b8 80 00 00');
  });

  it('status: code 5, state, since', () => {
    expect(eventBytes({ type: 'status', state: 'live', sinceMs: T })).toBe(
      '93 05 01 cb 42 78 bc fe 56 80 00 00',
    );
  });

  it('off the record: status code 5, state 5, since', () => {
    expect(eventBytes({ type: 'status', state: 'off-record', sinceMs: T })).toBe(
      '93 05 05 cb 42 78 bc fe 56 80 00 00',
    );
  });

  it('erased: code 6, time', () => {
    expect(eventBytes({ type: 'erased', atMs: T })).toBe('92 06 cb 42 78 bc fe 56 80 00 00');
  });
});

describe('the bytes of a message', () => {
  it('welcome: code 0, epoch, seq, server time, recovered, events', () => {
    const events: CaptionEvent[] = [{ type: 'status', state: 'live', sinceMs: T }];
    expect(
      hexOf(packToViewer({ type: 'welcome', epoch: 1, seq: 2, serverMs: T + 0.5, recovered: true, events })),
    ).toBe('96 00 01 02 cb 42 78 bc fe 56 80 08 00 c3 91 93 05 01 cb 42 78 bc fe 56 80 00 00');
  });

  it('frame: code 1, epoch, seq, seven stage times or nil, events', () => {
    const times = {
      audioMs: T,
      readUs: 85_000,
      gatheredUs: 90_000,
      steppedUs: 900_000,
      sentUs: 900_500,
      receivedUs: 901_000,
      publishedUs: 901_100,
    };
    expect(hexOf(packToViewer({ type: 'frame', epoch: 0xffffffff, seq: 2, times, events: [] }))).toBe(
      '95 01 ce ff ff ff ff 02 97 cb 42 78 bc fe 56 80 00 00 ce 00 01 4c 08 ce 00 01 5f 90 ce 00 0d bb a0 ' +
        'ce 00 0d bd 94 ce 00 0d bf 88 ce 00 0d bf ec 90',
    );
  });

  it('frame of several steps: their number at the end', () => {
    expect(hexOf(packToViewer({ type: 'frame', epoch: 1, seq: 9, times: null, events: [], steps: 3 }))).toBe(
      '96 01 01 09 c0 90 03',
    );
  });

  it('heartbeat: code 2, epoch, seq, server time', () => {
    expect(hexOf(packToViewer({ type: 'heartbeat', epoch: 1, seq: 2, serverMs: T }))).toBe(
      '94 02 01 02 cb 42 78 bc fe 56 80 00 00',
    );
  });

  it('move: code 3, delay in ms', () => {
    expect(hexOf(packToViewer({ type: 'move', delayMs: 1_500 }))).toBe('92 03 cd 05 dc');
  });

  it('join: code 0, epoch, seq', () => {
    expect(hexOf(packFromViewer({ type: 'join', epoch: 0, seq: 0 }))).toBe('93 00 00 00');
  });

  it('painted: code 1, audio time, µs to publishing, µs from arrival to paint', () => {
    const sample = { type: 'painted', audioMs: T, publishedUs: 300_000, heldUs: 16_000 } as const;
    expect(hexOf(packFromViewer(sample))).toBe('94 01 cb 42 78 bc fe 56 80 00 00 ce 00 04 93 e0 cd 3e 80');
    expect(unpackFromViewer(packFromViewer(sample))).toEqual(sample);
  });
});

const arbitraryMessage: fc.Arbitrary<ToViewer> = fc.oneof(
  fc.record({
    type: fc.constant('welcome' as const),
    epoch: fc.nat(),
    seq: fc.maxSafeNat(),
    serverMs: fc.double({ min: 0, max: 2e12, noNaN: true }),
    recovered: fc.boolean(),
    events: fc.array(arbitraryCaptionEvent(), { maxLength: 5 }),
  }),
  fc.record({
    type: fc.constant('frame' as const),
    epoch: fc.nat(),
    seq: fc.maxSafeNat(),
    times: arbitraryTimes,
    events: fc.array(arbitraryCaptionEvent(), { maxLength: 5 }),
  }),
  fc.record({
    type: fc.constant('frame' as const),
    epoch: fc.nat(),
    seq: fc.maxSafeNat(),
    times: arbitraryTimes,
    events: fc.array(arbitraryCaptionEvent(), { maxLength: 5 }),
    steps: fc.integer({ min: 2, max: 24 }),
  }),
  fc.record({
    type: fc.constant('heartbeat' as const),
    epoch: fc.nat(),
    seq: fc.maxSafeNat(),
    serverMs: fc.double({ min: 0, max: 2e12, noNaN: true }),
  }),
  fc.record({ type: fc.constant('move' as const), delayMs: fc.nat() }),
);

describe('the decoders', () => {
  it('give back what was encoded', () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        expect(unpackToViewer(packToViewer(message))).toEqual(message);
      }),
    );
    fc.assert(
      fc.property(fc.nat(), fc.maxSafeNat(), (epoch, seq) => {
        expect(unpackFromViewer(packFromViewer({ type: 'join', epoch, seq }))).toEqual({
          type: 'join',
          epoch,
          seq,
        });
      }),
    );
  });

  it('get from a viewer the bytes that msgpackr writes', () => {
    const times = fc.double({ min: 0, max: 2e12, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(times, fc.maxSafeNat(), fc.nat(), (audioMs, publishedUs, heldUs) => {
        const bytes = packFromViewer({ type: 'painted', audioMs, publishedUs, heldUs });
        expect(hexOf(bytes)).toBe(hexOf(packMessage([1, audioMs, publishedUs, heldUs])));
      }),
    );
  });

  it('get the same welcome whether its events were packed for one viewer or for many', () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        fc.pre(message.type === 'welcome');
        if (message.type !== 'welcome') return;
        expect(packWelcome(message, packEvents(message.events))).toEqual(
          Uint8Array.from(packToViewer(message)),
        );
      }),
    );
  });

  it('read integers that another implementation wrote as 64 bits', () => {
    const join = Uint8Array.from([0x93, 0, 1, 0xcf, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect(unpackFromViewer(join)).toEqual({ type: 'join', epoch: 1, seq: 2 ** 32 });
  });

  it('throw MalformedMessage and nothing else, whatever the bytes', () => {
    for (const unpack of [unpackFromViewer, unpackToViewer]) {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => throwsOnlyMalformed(unpack, bytes)));
      fc.assert(
        fc.property(fc.jsonValue(), (value) => throwsOnlyMalformed(unpack, packMessage(value as never))),
      );
    }
  });

  it('throw MalformedMessage and nothing else on a message cut short or with a byte changed', () => {
    fc.assert(
      fc.property(arbitraryMessage, fc.nat(), fc.nat({ max: 255 }), (message, position, byte) => {
        const bytes = packToViewer(message);
        const damaged = Uint8Array.from(bytes);
        damaged[position % damaged.length] = byte;
        throwsOnlyMalformed(unpackToViewer, damaged);
        throwsOnlyMalformed(unpackToViewer, bytes.subarray(0, position % bytes.length));
      }),
    );
  });
});

function throwsOnlyMalformed(unpack: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    unpack(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedMessage);
  }
}
