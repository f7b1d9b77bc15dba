/**
 * What can happen to a room, packed for the bus. Every node applies the same inputs in the same order, so an input
 * holds all that its outcome depends on: no node's clock, no node's configuration.
 */
import type { CaptionEvent, CaptionState, StageTimes } from '../../protocol/caption-event.ts';
import {
  asArray,
  asInteger,
  asNumber,
  asString,
  eventFromWire,
  eventToWire,
  oneOf,
  STATES,
  timesFromWire,
  timesToWire,
} from '../../protocol/event-codec.ts';
import { MalformedMessage } from '../../protocol/malformed-message.ts';
import { packMessage, unpackMessage } from '../../protocol/msgpack.ts';

/** One connection of an agent's session: what an older one still says of it is ignored. */
export interface AgentConnection {
  readonly session: string;
  readonly connection: number;
}

export interface FrameInput extends AgentConnection {
  readonly type: 'frame';
  /** The bus lets each number of a session into the log once. */
  readonly number: number;
  /** Frames before it were lost: the bus finds out. */
  readonly isHole: boolean;
  /** Complete up to `sentUs`. */
  readonly times: StageTimes | null;
  readonly receivedMs: number;
  readonly events: readonly CaptionEvent[];
}

export type RoomInput =
  | FrameInput
  /** The agent's connection stands (again). */
  | (AgentConnection & { readonly type: 'back' })
  /** It broke, and nobody knows yet whether the agent is gone too. */
  | (AgentConnection & { readonly type: 'lost'; readonly atMs: number })
  /** The agent left on purpose. */
  | { readonly type: 'left'; readonly session: string }
  | { readonly type: 'state'; readonly state: CaptionState; readonly sinceMs: number }
  /** From elsewhere than an agent: a person who captions. */
  | { readonly type: 'told'; readonly events: readonly CaptionEvent[] }
  /** The machine's captions of this speaker, or of everybody, are kept back, until `untilMs` if not said again. */
  | {
      readonly type: 'held';
      readonly captioner: string;
      readonly identity: string | null;
      readonly atMs: number;
      readonly untilMs: number;
    }
  | { readonly type: 'released'; readonly captioner: string; readonly atMs: number }
  /** From now on nothing is kept; or it is again. */
  | { readonly type: 'off-record'; readonly isOff: boolean; readonly atMs: number }
  /** What was said is gone; the room goes on. */
  | { readonly type: 'wiped'; readonly atMs: number };

const FRAME = 0;
const BACK = 1;
const LOST = 2;
const LEFT = 3;
const STATE = 4;
const TOLD = 5;
const HELD = 6;
const RELEASED = 7;
const OFF_RECORD = 8;
const WIPED = 9;

export function packInput(input: RoomInput): Uint8Array {
  switch (input.type) {
    case 'frame': {
      const { session, connection, number, times, receivedMs, events } = input;
      const wire = events.map(eventToWire);
      return packMessage([FRAME, session, connection, number, timesToWire(times), receivedMs, wire]);
    }
    case 'back':
      return packMessage([BACK, input.session, input.connection]);
    case 'lost':
      return packMessage([LOST, input.session, input.connection, input.atMs]);
    case 'left':
      return packMessage([LEFT, input.session]);
    case 'state':
      return packMessage([STATE, STATES.indexOf(input.state), input.sinceMs]);
    case 'told':
      return packMessage([TOLD, input.events.map(eventToWire)]);
    case 'held':
      return packMessage([HELD, input.captioner, input.identity, input.atMs, input.untilMs]);
    case 'released':
      return packMessage([RELEASED, input.captioner, input.atMs]);
    case 'off-record':
      return packMessage([OFF_RECORD, input.isOff, input.atMs]);
    case 'wiped':
      return packMessage([WIPED, input.atMs]);
  }
}

/** Throws `MalformedMessage`, and nothing else, whatever the bytes. */
export function unpackInput(bytes: Uint8Array, isHole: boolean): RoomInput {
  const fields = asArray(unpackMessage(bytes));
  switch (fields[0]) {
    case FRAME:
      return {
        type: 'frame',
        ...connectionFromWire(fields),
        number: asInteger(fields[3]),
        isHole,
        times: timesFromWire(fields[4]),
        receivedMs: asNumber(fields[5]),
        events: asArray(fields[6]).map(eventFromWire),
      };
    case BACK:
      return { type: 'back', ...connectionFromWire(fields) };
    case LOST:
      return { type: 'lost', ...connectionFromWire(fields), atMs: asNumber(fields[3]) };
    case LEFT:
      return { type: 'left', session: asString(fields[1]) };
    case STATE:
      return { type: 'state', state: oneOf(STATES, fields[1]), sinceMs: asNumber(fields[2]) };
    case TOLD:
      return { type: 'told', events: asArray(fields[1]).map(eventFromWire) };
    case HELD:
      return {
        type: 'held',
        captioner: asString(fields[1]),
        identity: fields[2] === null ? null : asString(fields[2]),
        atMs: asNumber(fields[3]),
        untilMs: asNumber(fields[4]),
      };
    case RELEASED:
      return { type: 'released', captioner: asString(fields[1]), atMs: asNumber(fields[2]) };
    case OFF_RECORD:
      return { type: 'off-record', isOff: fields[1] === true, atMs: asNumber(fields[2]) };
    case WIPED:
      return { type: 'wiped', atMs: asNumber(fields[1]) };
    default:
      throw new MalformedMessage('unknown input');
  }
}

function connectionFromWire(fields: readonly unknown[]): AgentConnection {
  return { session: asString(fields[1]), connection: asInteger(fields[2]) };
}

/** Since when the agent hears the room, if this frame says so: an agent's first one of a room does. */
export function liveSince(events: readonly CaptionEvent[]): number | undefined {
  for (const event of events) if (event.type === 'status' && event.state === 'live') return event.sinceMs;
  return undefined;
}
