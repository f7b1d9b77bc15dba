/**
 * One msgpackr for all messages: plain msgpack without records, so that any client can read it. What an inbound
 * message defines for itself lasts as long as that message (CVE-2023-52079 was about more) and, being no array, is
 * refused by whoever reads it.
 */
import { Packr } from 'msgpackr';
import type { WireValue } from './event-codec.ts';
import { MalformedMessage } from './malformed-message.ts';

// Other implementations write large integers as 64 bits; unsafe ones are refused by asInteger.
const packr = new Packr({
  useRecords: false,
  variableMapSize: true,
  moreTypes: false,
  int64AsType: 'number',
});

/** Returns bytes that the caller owns (no shared buffer). */
export function packMessage(message: WireValue): Uint8Array {
  return packr.pack(message);
}

export function unpackMessage(bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes);
  } catch {
    throw new MalformedMessage('msgpack expected');
  }
}
