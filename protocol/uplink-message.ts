/**
 * What an agent and a gateway say to each other. The agent numbers its frames per room (1, 2, …) within its
 * session; the gateway acknowledges the highest number it holds and takes a repeated one as done. After a
 * reconnect the welcome names what the gateway has, and the agent sends the rest of what it still holds.
 */
import type { CaptionEvent, StageTimes } from './caption-event.ts';
import {
  asArray,
  asInteger,
  asString,
  eventFromWire,
  eventToWire,
  timesFromWire,
  timesToWire,
} from './event-codec.ts';
import { MalformedMessage } from './malformed-message.ts';
import { packMessage, unpackMessage } from './msgpack.ts';

/** First message of an agent. `sessionId` is new with each start of the process. */
export interface UplinkHello {
  readonly type: 'hello';
  readonly agentId: string;
  readonly sessionId: string;
}

/** One step of one room. `number` follows its predecessor; a hole means that the agent no longer held it. */
export interface UplinkFrame {
  readonly type: 'frame';
  readonly room: string;
  readonly number: number;
  readonly times: StageTimes | null;
  readonly events: readonly CaptionEvent[];
}

/** The agent has left this room on purpose (its job ended); no gap is to be marked. */
export interface UplinkLeft {
  readonly type: 'left';
  readonly room: string;
}

export type FromAgent = UplinkHello | UplinkFrame | UplinkLeft;

/** Answer to hello: for this session, the highest frame number held per room. */
export interface UplinkWelcome {
  readonly type: 'welcome';
  readonly held: readonly (readonly [room: string, number: number])[];
}

export interface UplinkAck {
  readonly type: 'ack';
  readonly room: string;
  readonly number: number;
}

export type ToAgent = UplinkWelcome | UplinkAck;

/** Larger than any frame of 150 speakers in one step; a longer message closes the connection. */
export const MAX_UPLINK_MESSAGE_BYTES = 1_048_576;

const HELLO = 0;
const FRAME = 1;
const LEFT = 2;
const WELCOME = 0;
const ACK = 1;

export function packFromAgent(message: FromAgent): Uint8Array {
  switch (message.type) {
    case 'hello':
      return packMessage([HELLO, message.agentId, message.sessionId]);
    case 'frame':
      return packMessage([
        FRAME,
        message.room,
        message.number,
        timesToWire(message.times),
        message.events.map(eventToWire),
      ]);
    case 'left':
      return packMessage([LEFT, message.room]);
  }
}

export function unpackFromAgent(bytes: Uint8Array): FromAgent {
  const fields = asArray(unpackMessage(bytes));
  switch (fields[0]) {
    case HELLO:
      return { type: 'hello', agentId: asString(fields[1]), sessionId: asString(fields[2]) };
    case FRAME:
      return {
        type: 'frame',
        room: asString(fields[1]),
        number: asInteger(fields[2]),
        times: timesFromWire(fields[3]),
        events: asArray(fields[4]).map(eventFromWire),
      };
    case LEFT:
      return { type: 'left', room: asString(fields[1]) };
    default:
      throw new MalformedMessage('unknown message from an agent');
  }
}

export function packToAgent(message: ToAgent): Uint8Array {
  switch (message.type) {
    case 'welcome':
      return packMessage([WELCOME, message.held]);
    case 'ack':
      return packMessage([ACK, message.room, message.number]);
  }
}

export function unpackToAgent(bytes: Uint8Array): ToAgent {
  const fields = asArray(unpackMessage(bytes));
  switch (fields[0]) {
    case WELCOME:
      return {
        type: 'welcome',
        held: asArray(fields[1]).map((pair) => {
          const [room, number] = asArray(pair);
          return [asString(room), asInteger(number)] as const;
        }),
      };
    case ACK:
      return { type: 'ack', room: asString(fields[1]), number: asInteger(fields[2]) };
    default:
      throw new MalformedMessage('unknown message to an agent');
  }
}
