/** What a gateway and a viewer of captions say to each other over the WebSocket. See docs/protocol.md. */
import type { CaptionEvent, StageTimes } from './caption-event.ts';
import {
  asArray,
  asInteger,
  asNumber,
  eventFromWire,
  eventToWire,
  timesFromWire,
  timesToWire,
} from './event-codec.ts';
import { MalformedMessage } from './malformed-message.ts';
import { packMessage, unpackMessage } from './msgpack.ts';

/** First answer to a join: everything that the viewer lacks, conflated, as of (`epoch`, `seq`). */
export interface ViewerWelcome {
  readonly type: 'welcome';
  readonly epoch: number;
  readonly seq: number;
  readonly serverMs: number;
  /** False when something after the viewer's position is no longer held: the viewer shows a gap. */
  readonly recovered: boolean;
  readonly events: readonly CaptionEvent[];
}

/**
 * All that happened in a room in one model step, or in several when the gateway has much to do. `seq` is the
 * predecessor's plus the number of steps, or frames were lost.
 */
export interface ViewerFrame {
  readonly type: 'frame';
  readonly epoch: number;
  readonly seq: number;
  readonly times: StageTimes | null;
  readonly events: readonly CaptionEvent[];
  /** Absent: one. */
  readonly steps?: number;
}

/** Sent when nothing else was for {@link HEARTBEAT_MS}: shows a dead connection and a lost last frame. */
export interface ViewerHeartbeat {
  readonly type: 'heartbeat';
  readonly epoch: number;
  readonly seq: number;
  readonly serverMs: number;
}

/** The gateway is about to stop: reconnect after `delayMs`, drawn for each viewer. */
export interface ViewerMove {
  readonly type: 'move';
  readonly delayMs: number;
}

export type ToViewer = ViewerWelcome | ViewerFrame | ViewerHeartbeat | ViewerMove;

/** The viewer's first message: its last position, or zeros when it has none. */
export interface ViewerJoin {
  readonly type: 'join';
  readonly epoch: number;
  readonly seq: number;
}

/**
 * A sample of what a viewer sees, sent now and then right after painting. It repeats two times of the frame and
 * adds how long the frame waited in the viewer, so that no clock of the viewer's is needed: the rest of the time
 * between publishing and this message is the way there and back.
 */
export interface ViewerPainted {
  readonly type: 'painted';
  /** `audioMs` and `publishedUs` of the frame's stage times. */
  readonly audioMs: number;
  readonly publishedUs: number;
  /** From the arrival of the frame to its painting, in microseconds. */
  readonly heldUs: number;
}

export type FromViewer = ViewerJoin | ViewerPainted;

export const HEARTBEAT_MS = 5_000;
/** A viewer message is far below this; a longer one closes the connection. */
export const MAX_VIEWER_MESSAGE_BYTES = 4_096;
/** A viewer sends at most one {@link ViewerPainted} in this time. */
export const PAINTED_EVERY_MS = 10_000;

const WELCOME = 0;
const FRAME = 1;
const HEARTBEAT = 2;
const MOVE = 3;
const JOIN = 0;
const PAINTED = 1;

/** MessagePack: an array of up to 15 elements, their number in the low bits. */
const MSGPACK_FIXARRAY = 0x90;

export function packToViewer(message: ToViewer): Uint8Array {
  switch (message.type) {
    case 'welcome':
      return packMessage([
        WELCOME,
        message.epoch,
        message.seq,
        message.serverMs,
        message.recovered,
        message.events.map(eventToWire),
      ]);
    case 'frame':
      return packMessage([
        FRAME,
        message.epoch,
        message.seq,
        timesToWire(message.times),
        message.events.map(eventToWire),
        ...(message.steps === undefined ? [] : [message.steps]),
      ]);
    case 'heartbeat':
      return packMessage([HEARTBEAT, message.epoch, message.seq, message.serverMs]);
    case 'move':
      return packMessage([MOVE, message.delayMs]);
  }
}

/** The events of a welcome, packed once for many viewers; {@link packWelcome} puts the rest in front. */
export function packEvents(events: readonly CaptionEvent[]): Uint8Array {
  return packMessage(events.map(eventToWire));
}

/** The same bytes as {@link packToViewer} would give. */
export function packWelcome(
  { epoch, seq, serverMs, recovered }: Omit<ViewerWelcome, 'type' | 'events'>,
  packedEvents: Uint8Array,
): Uint8Array {
  const head = packMessage([WELCOME, epoch, seq, serverMs, recovered]);
  const welcome = new Uint8Array(head.length + packedEvents.length);
  welcome.set(head);
  welcome.set(packedEvents, head.length);
  // The length of the array, which is in its first byte: one element more than was packed.
  welcome[0] = MSGPACK_FIXARRAY | 6;
  return welcome;
}

export function unpackToViewer(bytes: Uint8Array): ToViewer {
  const fields = asArray(unpackMessage(bytes));
  switch (fields[0]) {
    case WELCOME:
      return {
        type: 'welcome',
        epoch: asInteger(fields[1]),
        seq: asInteger(fields[2]),
        serverMs: asNumber(fields[3]),
        recovered: fields[4] === true,
        events: asArray(fields[5]).map(eventFromWire),
      };
    case FRAME:
      return {
        type: 'frame',
        epoch: asInteger(fields[1]),
        seq: asInteger(fields[2]),
        times: timesFromWire(fields[3]),
        events: asArray(fields[4]).map(eventFromWire),
        ...(fields[5] === undefined ? {} : { steps: asInteger(fields[5]) }),
      };
    case HEARTBEAT:
      return {
        type: 'heartbeat',
        epoch: asInteger(fields[1]),
        seq: asInteger(fields[2]),
        serverMs: asNumber(fields[3]),
      };
    case MOVE:
      return { type: 'move', delayMs: asInteger(fields[1]) };
    default:
      throw new MalformedMessage('unknown message to a viewer');
  }
}

/** The bytes that msgpackr would write, by hand: pages that only read need not carry its half that writes. */
export function packFromViewer(message: FromViewer): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case 'join':
      return packNumbers([JOIN, message.epoch, message.seq]);
    case 'painted':
      return packNumbers([PAINTED, message.audioMs, message.publishedUs, message.heldUs]);
  }
}

export function unpackFromViewer(bytes: Uint8Array): FromViewer {
  const fields = asArray(unpackMessage(bytes));
  switch (fields[0]) {
    case JOIN:
      return { type: 'join', epoch: asInteger(fields[1]), seq: asInteger(fields[2]) };
    case PAINTED:
      return {
        type: 'painted',
        audioMs: asNumber(fields[1]),
        publishedUs: asInteger(fields[2]),
        heldUs: asInteger(fields[3]),
      };
    default:
      throw new MalformedMessage('unknown message from a viewer');
  }
}

/** A MessagePack array of up to 15 numbers: integers up to 32 bits in the fewest bytes, all others as floats. */
function packNumbers(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(1 + 9 * values.length));
  let length = 0;
  const put = (code: number, width: 1 | 2 | 4, value: number) => {
    bytes.setUint8(length++, code);
    if (width === 1) bytes.setUint8(length, value);
    else if (width === 2) bytes.setUint16(length, value);
    else bytes.setUint32(length, value);
    length += width;
  };
  bytes.setUint8(length++, MSGPACK_FIXARRAY | values.length);
  for (const value of values) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      bytes.setUint8(length, 0xcb);
      bytes.setFloat64(length + 1, value);
      length += 9;
    } else if (value < 0x80) bytes.setUint8(length++, value);
    else if (value <= 0xff) put(0xcc, 1, value);
    else if (value <= 0xffff) put(0xcd, 2, value);
    else put(0xce, 4, value);
  }
  return new Uint8Array(bytes.buffer, 0, length);
}
