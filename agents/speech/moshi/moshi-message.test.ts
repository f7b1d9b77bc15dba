import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { expect, test } from 'vitest';
import { hexOf } from '../../../test/support/hex.ts';
import { type FromMoshi, MoshiPacker, unpackFromMoshi, unpackToMoshi } from './moshi-message.ts';
import { MalformedMsgpack } from './msgpack-reader.ts';

const packer = new MoshiPacker();
const bytes = (hex: string) => Uint8Array.from(hex.split(' '), (byte) => Number.parseInt(byte, 16));
const TYPE = 'a4 74 79 70 65';

test.each<[FromMoshi, string]>([
  [{ type: 'Ready' }, `81 ${TYPE} a5 52 65 61 64 79`],
  [
    { type: 'Word', text: 'été', startTime: 1 },
    // Even a whole second is a float of 64 bits.
    `83 ${TYPE} a4 57 6f 72 64 a4 74 65 78 74 a5 c3 a9 74 c3 a9 aa 73 74 61 72 74 5f 74 69 6d 65 cb 3f f0 00 00 00 00 00 00`,
  ],
  [
    { type: 'EndWord', stopTime: 0.56 },
    `82 ${TYPE} a7 45 6e 64 57 6f 72 64 a9 73 74 6f 70 5f 74 69 6d 65 cb 3f e1 eb 85 1e b8 51 ec`,
  ],
  [
    { type: 'Step', stepIdx: 300, prs: [1, 0.5, 0.25, 0], bufferedPcm: 1920 },
    `84 ${TYPE} a4 53 74 65 70 a8 73 74 65 70 5f 69 64 78 cd 01 2c a3 70 72 73 94 ca 3f 80 00 00 ca 3f 00 00 00 ca 3e 80 00 00 ca 00 00 00 00 ac 62 75 66 66 65 72 65 64 5f 70 63 6d cd 07 80`,
  ],
  [{ type: 'Marker', id: -1 }, `82 ${TYPE} a6 4d 61 72 6b 65 72 a2 69 64 ff`],
  [
    { type: 'Marker', id: -9223372036854775808n },
    `82 ${TYPE} a6 4d 61 72 6b 65 72 a2 69 64 d3 80 00 00 00 00 00 00 00`,
  ],
  [
    { type: 'Error', message: 'no free channels' },
    `82 ${TYPE} a5 45 72 72 6f 72 a7 6d 65 73 73 61 67 65 b0 6e 6f 20 66 72 65 65 20 63 68 61 6e 6e 65 6c 73`,
  ],
])('%o is written as moshi-server writes it, and read back', (message, hex) => {
  expect(hexOf(packer.fromMoshi(message))).toBe(hex);
  expect(unpackFromMoshi(bytes(hex))).toEqual(message);
});

test('audio is an array of 32-bit floats', () => {
  const message = packer.audio(Int16Array.of(0, 16_384, -32_768));
  expect(hexOf(message)).toBe(
    `82 ${TYPE} a5 41 75 64 69 6f a3 70 63 6d 93 ca 00 00 00 00 ca 3f 00 00 00 ca bf 80 00 00`,
  );
  expect(unpackToMoshi(message)).toEqual({ type: 'Audio', pcm: Float32Array.of(0, 0.5, -1) });
  expect(packer.audio(new Int16Array(1_920)).length).toBe(19 + 5 * 1_920);
});

test('what Python writes is read too: doubles, whole numbers, byte strings, any order, more fields', () => {
  const python = new Packr({ useRecords: false, variableMapSize: true });
  expect(unpackToMoshi(python.pack({ pcm: [0, 0.5, -1], type: 'Audio', extra: 'x' }))).toEqual({
    type: 'Audio',
    pcm: Float32Array.of(0, 0.5, -1),
  });
  const data = Uint8Array.of(1, 200);
  expect(unpackToMoshi(new Uint8Array(python.pack({ type: 'OggOpus', data })))).toEqual({
    type: 'OggOpus',
    data,
  });
  expect(unpackToMoshi(python.pack({ type: 'OggOpus', data: [1, 200] }))).toEqual({ type: 'OggOpus', data });
  expect(unpackToMoshi(python.pack({ type: 'Init' }))).toEqual({ type: 'Init' });
});

test('a message of an unknown type from a server is nothing', () => {
  expect(unpackFromMoshi(bytes(`81 ${TYPE} a3 4e 65 77`))).toBeNull();
});

test.each([
  ['nothing', ''],
  ['no map', '93 01 02 03'],
  ['a length that is not there', `82 ${TYPE} a5 41 75 64 69 6f a3 70 63 6d dd ff ff ff ff`],
  ['an array of strings', `82 ${TYPE} a5 41 75 64 69 6f a3 70 63 6d 91 a1 61`],
  ['a broken string', `81 ${TYPE} a2 c3 28`],
  ['an unknown type', `81 ${TYPE} a3 4e 65 77`],
  ['a missing field', `81 ${TYPE} a5 41 75 64 69 6f`],
  ['a marker that is no integer', `82 ${TYPE} a6 4d 61 72 6b 65 72 a2 69 64 ca 3f 00 00 00`],
  ['bytes after the end', `81 ${TYPE} a4 49 6e 69 74 00`],
])('%s is malformed', (_, hex) => {
  expect(() => unpackToMoshi(hex === '' ? new Uint8Array(0) : bytes(hex))).toThrow(MalformedMsgpack);
});

test('whatever bytes come, they are read or malformed, and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
      try {
        unpackToMoshi(any);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMsgpack);
      }
    }),
  );
});

test('every number and text comes back', () => {
  const ids = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
  fc.assert(
    fc.property(
      ids,
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.double({ noNaN: true }),
      (id, text, time) => {
        fc.pre(Number.isFinite(time));
        const marker = unpackFromMoshi(packer.marker(id));
        expect(marker?.type === 'Marker' ? BigInt(marker.id) : null).toBe(BigInt(id));
        const word = { type: 'Word', text, startTime: time } as const;
        expect(unpackFromMoshi(packer.fromMoshi(word))).toEqual(word);
      },
    ),
  );
});
