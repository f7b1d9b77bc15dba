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

/**
 * First message of an agent. `sessionId` is new with each start of the process. `rooms`: of which it holds frames;
 * what another gateway has of them is then known here.
 */
export interface UplinkHello {
  readonly type: 'hello';
  readonly agentId: string;
  readonly sessionId: string;
  readonly rooms: readonly string[];
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

/** How busy the agent is, about once a second. Totals count since the process started. Never acknowledged. */
export interface UplinkLoad {
  readonly type: 'load';
  /** Speakers being decoded, and how many at most. */
  readonly slotsUsed: number;
  readonly slots: number;
  readonly microphones: number;
  /** Audio that was not heard: skipped by an overloaded model, dropped by a process that stood still. */
  readonly skippedAudioMs: number;
  readonly droppedAudioMs: number;
  readonly microphonesRefused: number;
}

export type FromAgent = UplinkHello | UplinkFrame | UplinkLeft | UplinkLoad;

/** Answer to hello: for this session, the highest frame number held of each room that it named. */
export interface UplinkWelcome {
  readonly type: 'welcome';
  readonly held: readonly (readonly [room: string, number: number])[];
}

export interface UplinkAck {
  readonly type: 'ack';
  readonly room: string;
  readonly number: number;
}

/** The host has erased the room's captions: the agent forgets every frame of it that was acknowledged. */
export interface UplinkErase {
  readonly type: 'erase';
  readonly room: string;
}

export type ToAgent = UplinkWelcome | UplinkAck | UplinkErase;

/** Larger than any frame of 150 speakers in one step; a longer message closes the connection. */
export const MAX_UPLINK_MESSAGE_BYTES = 1_048_576;

const HELLO = 0;
const FRAME = 1;
const LEFT = 2;
const LOAD = 3;
const WELCOME = 0;
const ACK = 1;
const ERASE = 2;

export function packFromAgent(message: FromAgent): Uint8Array {
  switch (message.type) {
    case 'hello':
      return packMessage([HELLO, message.agentId, message.sessionId, message.rooms]);
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
    case 'load':
      return packMessage([
        LOAD,
        message.slotsUsed,
        message.slots,
        message.microphones,
        message.skippedAudioMs,
        message.droppedAudioMs,
        message.microphonesRefused,
      ]);
  }
}

export function unpackFromAgent(bytes: Uint8Array): FromAgent {
  const fields = asArray(unpackMessage(bytes));
  switch (fields[0]) {
    case HELLO:
      return {
        type: 'hello',
        agentId: asString(fields[1]),
        sessionId: asString(fields[2]),
        rooms: asArray(fields[3]).map(asString),
      };
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
    case LOAD:
      return {
        type: 'load',
        slotsUsed: asInteger(fields[1]),
        slots: asInteger(fields[2]),
        microphones: asInteger(fields[3]),
        skippedAudioMs: asInteger(fields[4]),
        droppedAudioMs: asInteger(fields[5]),
        microphonesRefused: asInteger(fields[6]),
      };
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
    case 'erase':
      return packMessage([ERASE, message.room]);
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
    case ERASE:
      return { type: 'erase', room: asString(fields[1]) };
    default:
      throw new MalformedMessage('unknown message to an agent');
  }
}
