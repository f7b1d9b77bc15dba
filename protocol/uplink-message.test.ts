/** The bytes of every message between agent and gateway, and what decoders do with anything else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCaptionEvent, arbitraryTimes } from '../test/support/arbitrary-caption-events.ts';
import { hexOf } from '../test/support/hex.ts';
import { MalformedMessage } from './malformed-message.ts';
import { packMessage } from './msgpack.ts';
import {
  type FromAgent,
  packFromAgent,
  packToAgent,
  unpackFromAgent,
  unpackToAgent,
} from './uplink-message.ts';

describe('the bytes of a message', () => {
  it('hello: code 0, agent, session, rooms', () => {
    expect(hexOf(packFromAgent({ type: 'hello', agentId: 'a1', sessionId: 's1', rooms: ['r'] }))).toBe(
      '94 00 a2 61 31 a2 73 31 91 a1 72',
    );
  });

  it('frame: code 1, room, number, stage times or nil, events', () => {
    const events = [{ type: 'status', state: 'live', sinceMs: 1_700_000_000_000 } as const];
    expect(hexOf(packFromAgent({ type: 'frame', room: 'r', number: 1, times: null, events }))).toBe(
      '95 01 a1 72 01 c0 91 93 05 01 cb 42 78 bc fe 56 80 00 00',
    );
  });

  it('left: code 2, room', () => {
    expect(hexOf(packFromAgent({ type: 'left', room: 'r' }))).toBe('92 02 a1 72');
  });

  it('load: code 3, slots used, slots, microphones, ms skipped, ms dropped, microphones refused', () => {
    expect(
      hexOf(
        packFromAgent({
          type: 'load',
          slotsUsed: 3,
          slots: 8,
          microphones: 150,
          skippedAudioMs: 0,
          droppedAudioMs: 80,
          microphonesRefused: 1,
        }),
      ),
    ).toBe('97 03 03 08 cc 96 00 50 01');
  });

  it('welcome: code 0, pairs of room and number', () => {
    expect(hexOf(packToAgent({ type: 'welcome', held: [['r', 300]] }))).toBe('92 00 91 92 a1 72 cd 01 2c');
  });

  it('ack: code 1, room, number', () => {
    expect(hexOf(packToAgent({ type: 'ack', room: 'r', number: 300 }))).toBe('93 01 a1 72 cd 01 2c');
  });

  it('erase: code 2, room', () => {
    const erase = { type: 'erase', room: 'r' } as const;
    expect(hexOf(packToAgent(erase))).toBe('92 02 a1 72');
    expect(unpackToAgent(packToAgent(erase))).toEqual(erase);
  });
});

const arbitraryFromAgent: fc.Arbitrary<FromAgent> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    agentId: fc.string(),
    sessionId: fc.string(),
    rooms: fc.array(fc.string()),
  }),
  fc.record({
    type: fc.constant('frame' as const),
    room: fc.string(),
    number: fc.maxSafeNat(),
    times: arbitraryTimes,
    events: fc.array(arbitraryCaptionEvent(), { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('left' as const), room: fc.string() }),
  fc.record({
    type: fc.constant('load' as const),
    slotsUsed: fc.nat(),
    slots: fc.nat(),
    microphones: fc.nat(),
    skippedAudioMs: fc.nat(),
    droppedAudioMs: fc.nat(),
    microphonesRefused: fc.nat(),
  }),
);

describe('the decoders', () => {
  it('give back what was encoded', () => {
    fc.assert(
      fc.property(arbitraryFromAgent, (message) => {
        expect(unpackFromAgent(packFromAgent(message))).toEqual(message);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.maxSafeNat())), (held) => {
        expect(unpackToAgent(packToAgent({ type: 'welcome', held }))).toEqual({ type: 'welcome', held });
      }),
    );
  });

  it('throw MalformedMessage and nothing else, whatever the bytes', () => {
    for (const unpack of [unpackFromAgent, unpackToAgent]) {
      const isSafe = (bytes: Uint8Array): void => {
        try {
          unpack(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      };
      fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), isSafe));
      fc.assert(fc.property(fc.jsonValue(), (value) => isSafe(packMessage(value as never))));
      fc.assert(
        fc.property(arbitraryFromAgent, fc.nat(), fc.nat({ max: 255 }), (message, position, byte) => {
          const damaged = Uint8Array.from(packFromAgent(message));
          damaged[position % damaged.length] = byte;
          isSafe(damaged);
        }),
      );
    }
  });
});
