/**
 * One msgpackr for all messages: plain msgpack without records, so that any client can read it. What an inbound
 * message defines for itself lasts as long as that message (CVE-2023-52079 was about more) and, being no array, is
 * refused by whoever reads it.
 */
import { Packr } from 'msgpackr';
import { Unpackr } from 'msgpackr/unpack';
import type { WireValue } from './event-codec.ts';
import { MalformedMessage } from './malformed-message.ts';

const FORMAT = {
  useRecords: false,
  variableMapSize: true,
  moreTypes: false,
  // Other implementations write large integers as 64 bits; unsafe ones are refused by asInteger.
  int64AsType: 'number',
} as const;

// Two, so that a page that only reads does not carry what writes.
const packr = /* @__PURE__ */ new Packr(FORMAT);
const unpackr = /* @__PURE__ */ new Unpackr(FORMAT);

/** Returns bytes that the caller owns (no shared buffer). */
export function packMessage(message: WireValue): Uint8Array {
  return packr.pack(message);
}

export function unpackMessage(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch {
    throw new MalformedMessage('msgpack expected');
  }
}
