/**
 * An entry as it lies in the stream and travels to the nodes; the script that appends it writes the same bytes.
 * `tag` is random: an entry names its predecessor by number and tag, so a node notices also that the log was cut
 * back (by a failover that lost writes) and went on differently with the same numbers.
 *
 * Big-endian: kind u8, epoch u32, offset u64, tag u32, tag of the predecessor u32; then for each input whether
 * frames before it are missing u8, its length u32, its bytes.
 */
import { MalformedMessage } from '../../protocol/malformed-message.ts';
import { type RoomInput, unpackInput } from './room-input.ts';

export type EnvelopeKind = 'entry' | 'renewed' | 'erased';

export interface Envelope {
  readonly kind: EnvelopeKind;
  readonly epoch: number;
  readonly offset: number;
  readonly tag: number;
  readonly previousTag: number;
  readonly inputs: readonly RoomInput[];
}

/** In the order of their numbers on the wire. */
const KINDS: readonly EnvelopeKind[] = ['entry', 'renewed', 'erased'];
const HEADER_BYTES = 21;
const INPUT_HEADER_BYTES = 5;

/** Throws `MalformedMessage`, and nothing else, whatever the bytes. */
export function readEnvelope(bytes: Buffer): Envelope {
  if (bytes.length < HEADER_BYTES) throw new MalformedMessage('envelope expected');
  const kind = KINDS[bytes.readUInt8(0)];
  const offset = Number(bytes.readBigUInt64BE(5));
  if (kind === undefined || !Number.isSafeInteger(offset)) throw new MalformedMessage('envelope expected');
  const inputs: RoomInput[] = [];
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    if (at + INPUT_HEADER_BYTES > bytes.length) throw new MalformedMessage('input expected');
    const isHole = bytes.readUInt8(at) === 1;
    const from = at + INPUT_HEADER_BYTES;
    at = from + bytes.readUInt32BE(at + 1);
    if (at > bytes.length) throw new MalformedMessage('input expected');
    inputs.push(unpackInput(bytes.subarray(from, at), isHole));
  }
  const epoch = bytes.readUInt32BE(1);
  return { kind, epoch, offset, tag: bytes.readUInt32BE(13), previousTag: bytes.readUInt32BE(17), inputs };
}
