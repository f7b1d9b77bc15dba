/**
 * Caption events as positional msgpack arrays. Shared by the viewer frames and the agents' uplink; a decoder
 * never trusts its input: anything malformed throws {@link MalformedMessage} and nothing else.
 */
import type { CaptionEvent, CaptionState, GapReason, StageTimes, UtteranceOpened } from './caption-event.ts';
import { MalformedMessage } from './malformed-message.ts';

const OPENED = 0;
const APPENDED = 1;
const CLOSED = 2;
const RESTORED = 3;
const GAP = 4;
const STATUS = 5;
const ERASED = 6;

const LANGUAGES = ['fr', 'en'] as const;
const SOURCES = ['machine', 'human'] as const;
const GAP_REASONS: readonly GapReason[] = ['agent-lost', 'overload', 'captions-lost'];
export const STATES: readonly CaptionState[] = [
  'starting',
  'live',
  'interrupted',
  'unavailable',
  'off',
  'off-record',
];

export type WireValue = null | boolean | number | string | readonly WireValue[];

export function eventToWire(event: CaptionEvent): WireValue {
  switch (event.type) {
    case 'opened':
      return [OPENED, ...turnToWire(event)];
    case 'appended':
      return [
        APPENDED,
        event.utterance,
        event.offset,
        event.text,
        event.startMs,
        event.endMs - event.startMs,
      ];
    case 'closed':
      return [CLOSED, event.utterance, event.length, event.endMs];
    case 'restored':
      return [RESTORED, ...turnToWire(event), event.endMs, event.text, event.wordTimes, event.revision];
    case 'gap':
      return [GAP, event.identity, event.fromMs, event.toMs, GAP_REASONS.indexOf(event.reason)];
    case 'status':
      return [STATUS, STATES.indexOf(event.state), event.sinceMs];
    case 'erased':
      return [ERASED, event.atMs];
  }
}

export function eventFromWire(wire: unknown): CaptionEvent {
  const fields = asArray(wire);
  switch (fields[0]) {
    case OPENED:
      return { type: 'opened', ...turnFromWire(fields) };
    case APPENDED: {
      const startMs = asNumber(fields[4]);
      return {
        type: 'appended',
        utterance: asInteger(fields[1]),
        offset: asInteger(fields[2]),
        text: asString(fields[3]),
        startMs,
        endMs: startMs + asNumber(fields[5]),
      };
    }
    case CLOSED:
      return {
        type: 'closed',
        utterance: asInteger(fields[1]),
        length: asInteger(fields[2]),
        endMs: asNumber(fields[3]),
      };
    case RESTORED:
      return {
        type: 'restored',
        ...turnFromWire(fields),
        endMs: fields[8] === null ? null : asNumber(fields[8]),
        text: asString(fields[9]),
        wordTimes: asArray(fields[10]).map(asNumber),
        revision: asInteger(fields[11]),
      };
    case GAP:
      return {
        type: 'gap',
        identity: fields[1] === null ? null : asString(fields[1]),
        fromMs: asNumber(fields[2]),
        toMs: asNumber(fields[3]),
        reason: oneOf(GAP_REASONS, fields[4]),
      };
    case STATUS:
      return { type: 'status', state: oneOf(STATES, fields[1]), sinceMs: asNumber(fields[2]) };
    case ERASED:
      return { type: 'erased', atMs: asNumber(fields[1]) };
    default:
      throw new MalformedMessage('unknown caption event');
  }
}

export function timesToWire(times: StageTimes | null): WireValue {
  if (times === null) return null;
  return [
    times.audioMs,
    times.readUs,
    times.gatheredUs,
    times.steppedUs,
    times.sentUs,
    times.receivedUs,
    times.publishedUs,
  ];
}

export function timesFromWire(wire: unknown): StageTimes | null {
  if (wire === null) return null;
  const fields = asArray(wire);
  return {
    audioMs: asNumber(fields[0]),
    readUs: asNumber(fields[1]),
    gatheredUs: asNumber(fields[2]),
    steppedUs: asNumber(fields[3]),
    sentUs: asNumber(fields[4]),
    receivedUs: asNumber(fields[5]),
    publishedUs: asNumber(fields[6]),
  };
}

/** What an utterance begins with, opened or restored: elements 1 to 7. */
type Turn = Omit<UtteranceOpened, 'type'>;

function turnToWire({ utterance, speaker, language, source, startMs }: Turn): WireValue[] {
  const { identity, name, trackSid } = speaker;
  return [utterance, identity, name, trackSid, LANGUAGES.indexOf(language), SOURCES.indexOf(source), startMs];
}

function turnFromWire(fields: readonly unknown[]): Turn {
  return {
    utterance: asInteger(fields[1]),
    speaker: { identity: asString(fields[2]), name: asString(fields[3]), trackSid: asString(fields[4]) },
    language: oneOf(LANGUAGES, fields[5]),
    source: oneOf(SOURCES, fields[6]),
    startMs: asNumber(fields[7]),
  };
}

export function asArray(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new MalformedMessage('array expected');
  return value;
}

export function asString(value: unknown): string {
  if (typeof value !== 'string') throw new MalformedMessage('string expected');
  return value;
}

export function asNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new MalformedMessage('number expected');
  return value;
}

/** A safe, non-negative integer. */
export function asInteger(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new MalformedMessage('integer expected');
  return value as number;
}

export function oneOf<T>(choices: readonly T[], index: unknown): T {
  const choice = choices[asInteger(index)];
  if (choice === undefined) throw new MalformedMessage('unknown choice');
  return choice;
}
