/** A whole room as nodes leave it to each other, packed: who captions it and all that its viewers were told. */
import type { CaptionEvent, CaptionState } from '../../protocol/caption-event.ts';
import {
  asArray,
  asInteger,
  asNumber,
  asString,
  eventFromWire,
  eventToWire,
  oneOf,
  STATES,
} from '../../protocol/event-codec.ts';
import { MalformedMessage } from '../../protocol/malformed-message.ts';
import { packMessage, unpackMessage } from '../../protocol/msgpack.ts';
import type { SavedHold } from './machine-hold.ts';
import type { RoomAgentState } from './room-agent.ts';
import type { SavedLog } from './utterance-log.ts';

/** What keeps the machine's captions back, and what it would show. */
export interface MachineState {
  readonly state: CaptionState | null;
  readonly isOffRecord: boolean;
  readonly hold: SavedHold;
}

export interface RoomCopy {
  readonly agent: RoomAgentState;
  readonly machine: MachineState;
  readonly lastAudioMs: number;
  readonly log: SavedLog;
}

/** Nodes of another version read a past without a copy, which is a marked gap and not a misunderstanding. */
const VERSION = 1;

export function packRoomCopy({ agent, machine, lastAudioMs, log }: RoomCopy): Uint8Array {
  const { serving } = agent;
  return packMessage([
    VERSION,
    serving && [serving.session, serving.connection, serving.isConnected, serving.lostAtMs],
    agent.liveSinceMs,
    agent.retired,
    lastAudioMs,
    log.trimmedSeq,
    log.status && [log.status.seq, eventToWire(log.status.status)],
    log.gaps.map(({ gap, seq, atMs }) => [seq, atMs, eventToWire(gap)]),
    log.utterances.map(({ event, seq, atMs, lost }) => [seq, atMs, lost, eventToWire(event)]),
    log.erased && [log.erased.seq, eventToWire(log.erased.event)],
    machine.state && STATES.indexOf(machine.state),
    machine.isOffRecord,
    machine.hold.holders.map(({ captioner, identity, untilMs }) => [captioner, identity, untilMs]),
    machine.hold.turns.map(({ opened, cut }) => [eventToWire(opened), cut]),
  ]);
}

/** Throws `MalformedMessage`, and nothing else, whatever the bytes. */
export function unpackRoomCopy(bytes: Uint8Array): RoomCopy {
  const fields = asArray(unpackMessage(bytes));
  if (fields[0] !== VERSION) throw new MalformedMessage('a copy of this version expected');
  return {
    agent: {
      serving: fields[1] === null ? null : servingFromWire(asArray(fields[1])),
      liveSinceMs: asNumber(fields[2]),
      retired: asArray(fields[3]).map(asString),
    },
    machine: {
      state: fields[10] === null ? null : oneOf(STATES, fields[10]),
      isOffRecord: fields[11] === true,
      hold: {
        holders: asArray(fields[12]).map((wire) => {
          const [captioner, identity, untilMs] = asArray(wire);
          return {
            captioner: asString(captioner),
            identity: identity === null ? null : asString(identity),
            untilMs: asNumber(untilMs),
          };
        }),
        turns: asArray(fields[13]).map((wire) => {
          const [opened, cut] = asArray(wire);
          return { opened: eventOf('opened', opened), cut: cut === null ? null : asInteger(cut) };
        }),
      },
    },
    lastAudioMs: asNumber(fields[4]),
    log: {
      trimmedSeq: asInteger(fields[5]),
      status: fields[6] === null ? null : statusFromWire(asArray(fields[6])),
      erased: fields[9] === null ? null : erasedFromWire(asArray(fields[9])),
      gaps: asArray(fields[7]).map((wire) => {
        const [seq, atMs, event] = asArray(wire);
        return { seq: asInteger(seq), atMs: asNumber(atMs), gap: eventOf('gap', event) };
      }),
      utterances: asArray(fields[8]).map((wire) => {
        const [seq, atMs, lost, event] = asArray(wire);
        return {
          seq: asInteger(seq),
          atMs: asNumber(atMs),
          lost: asInteger(lost),
          event: eventOf('restored', event),
        };
      }),
    },
  };
}

function servingFromWire(fields: readonly unknown[]): NonNullable<RoomAgentState['serving']> {
  const [session, connection, isConnected, lostAtMs] = fields;
  return {
    session: asString(session),
    connection: asInteger(connection),
    isConnected: isConnected === true,
    lostAtMs: asNumber(lostAtMs),
  };
}

function erasedFromWire(fields: readonly unknown[]): NonNullable<SavedLog['erased']> {
  return { seq: asInteger(fields[0]), event: eventOf('erased', fields[1]) };
}

function statusFromWire(fields: readonly unknown[]): NonNullable<SavedLog['status']> {
  return { seq: asInteger(fields[0]), status: eventOf('status', fields[1]) };
}

type EventOf<Type> = Extract<ReturnType<typeof eventFromWire>, { readonly type: Type }>;

function eventOf<Type extends CaptionEvent['type']>(type: Type, wire: unknown): EventOf<Type> {
  const event = eventFromWire(wire);
  if (event.type !== type) throw new MalformedMessage(`${type} expected`);
  return event as EventOf<Type>;
}
