/** The bytes of an entry as the script writes them, and what the readers of the bus do with any others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedMessage } from '../../protocol/malformed-message.ts';
import { arbitraryCaptionEvent, arbitraryTimes } from '../../test/support/arbitrary-caption-events.ts';
import { unpackRoomCopy } from '../fanout/room-copy.ts';
import { readEnvelope } from './envelope.ts';
import { packInput, type RoomInput, unpackInput } from './room-input.ts';

const arbitraryInput: fc.Arbitrary<RoomInput> = fc.oneof(
  fc.record({
    type: fc.constant('frame' as const),
    session: fc.string(),
    connection: fc.nat(),
    number: fc.maxSafeNat(),
    isHole: fc.constant(false),
    times: arbitraryTimes,
    receivedMs: fc.nat(),
    events: fc.array(arbitraryCaptionEvent(), { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('back' as const), session: fc.string(), connection: fc.nat() }),
  fc.record({
    type: fc.constant('lost' as const),
    session: fc.string(),
    connection: fc.nat(),
    atMs: fc.nat(),
  }),
  fc.record({ type: fc.constant('left' as const), session: fc.string() }),
  fc.record({
    type: fc.constant('state' as const),
    state: fc.constantFrom('starting' as const, 'off' as const),
    sinceMs: fc.nat(),
  }),
  fc.record({ type: fc.constant('told' as const), events: fc.array(arbitraryCaptionEvent()) }),
  fc.record({
    type: fc.constant('held' as const),
    captioner: fc.string(),
    identity: fc.option(fc.string()),
    atMs: fc.nat(),
    untilMs: fc.nat(),
  }),
  fc.record({ type: fc.constant('released' as const), captioner: fc.string(), atMs: fc.nat() }),
  fc.record({ type: fc.constant('off-record' as const), isOff: fc.boolean(), atMs: fc.nat() }),
  fc.record({ type: fc.constant('wiped' as const), atMs: fc.nat() }),
);

describe('an entry', () => {
  it('is kind, epoch, number, tag, the predecessor’s tag, and inputs with their lengths', () => {
    const bytes = Buffer.from(
      '00 00000005 0000000000000102 0000000a 0000000b 01 00000003 92 03 a1 73'.replaceAll(' ', ''),
      'hex',
    );
    // The last input lacks one byte of what its length says once the session's name is counted.
    expect(() => readEnvelope(bytes)).toThrow(MalformedMessage);
    const whole = Buffer.from(bytes);
    whole.writeUInt8(4, 25);
    expect(readEnvelope(whole)).toEqual({
      kind: 'entry',
      epoch: 5,
      offset: 0x102,
      tag: 10,
      previousTag: 11,
      inputs: [{ type: 'left', session: 's' }],
    });
  });

  it('gives back every input that was packed', () => {
    fc.assert(
      fc.property(arbitraryInput, (input) => {
        expect(unpackInput(packInput(input), false)).toEqual(input);
      }),
    );
  });
});

describe('what reads from the bus', () => {
  const readers: [string, (bytes: Buffer) => unknown][] = [
    ['envelopes', readEnvelope],
    ['inputs', (bytes) => unpackInput(bytes, false)],
    ['copies of rooms', unpackRoomCopy],
  ];

  it.each(readers)('throws MalformedMessage and nothing else, whatever the bytes: %s', (_what, read) => {
    const damaged = fc.tuple(arbitraryInput, fc.nat(), fc.nat({ max: 255 })).map(([input, at, byte]) => {
      const bytes = Buffer.from(packInput(input));
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    const enveloped = damaged.map((bytes) => {
      const head = Buffer.alloc(26);
      head.writeUInt32BE(bytes.length, 22);
      return Buffer.concat([head, bytes]);
    });
    const arbitrary = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(arbitrary, damaged, enveloped), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('does NOT believe a length beyond the bytes that there are', () => {
    const bytes = Buffer.alloc(26);
    bytes.writeUInt32BE(0xffff_ffff, 22);
    expect(() => readEnvelope(bytes)).toThrow(MalformedMessage);
    // An array of 2^32 − 1 elements, announced in five bytes.
    expect(() => unpackInput(Buffer.from('ddffffffff', 'hex'), false)).toThrow(MalformedMessage);
  });
});
