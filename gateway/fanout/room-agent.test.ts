/** Who captions a room when agents die, and what of theirs comes late or never. */
import { describe, expect, it } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { RoomAgent } from './room-agent.ts';
import { RoomCaptions } from './room-captions.ts';

const speaker = { identity: 'p-1', name: 'Ana', trackSid: 'TR_1' };

class Room {
  readonly captions = new RoomCaptions(
    'room',
    { maxAgeMs: 3_600_000, maxUtterances: 100, maxCharacters: 10_000 },
    () => {},
  );
  readonly agent = new RoomAgent(this.captions);

  take(session: string, number: number, events: CaptionEvent[]): readonly CaptionEvent[] | null {
    const told = this.agent.take({
      type: 'frame',
      session,
      connection: 1,
      number,
      isHole: false,
      times: null,
      receivedMs: 0,
      events,
    });
    if (told) this.captions.take(told, null, 0);
    return told;
  }
}

describe('who captions a room', () => {
  it('stays the successor, whatever comes late of an agent that nobody had heard of', () => {
    const room = new Room();
    room.take('successor', 1, [live(10_000)]);
    room.take('successor', 2, word(2, 'one', 10_100));
    expect(room.take('dead', 1, [live(1_000)])).toBeNull();
    expect(room.take('dead', 2, word(1, 'late', 1_100))).toBeNull();
    const next: CaptionEvent[] = [appended(2, 3, ' two', 10_200)];
    expect(room.take('successor', 3, next)).toEqual(next);
    expect(room.captions.utterance(2)?.text).toBe('one two');
    expect(room.captions.utterance(1)).toBeUndefined();
  });

  it('stays the successor when of such an agent not even the first frame comes', () => {
    const room = new Room();
    room.take('successor', 1, [live(10_000)]);
    expect(room.take('dead', 2, word(1, 'late', 1_100))).toBeNull();
    expect(room.agent.serving?.session).toBe('successor');
  });

  it('is a new agent even if its first frame was lost', () => {
    const room = new Room();
    room.take('dead', 1, [live(1_000)]);
    expect(room.take('successor', 2, word(2, 'one', 10_100))).toContainEqual(gap(1_000, 10_100));
    expect(room.agent.serving?.session).toBe('successor');
  });
});

describe('the gap after an agent that died', () => {
  it('begins where its words end, also when its death was noticed late', () => {
    const room = new Room();
    room.take('dead', 1, [live(1_000)]);
    room.take('dead', 2, word(1, 'one', 100_000));
    room.agent.take({ type: 'lost', session: 'dead', connection: 1, atMs: 112_000 });
    expect(room.take('successor', 1, [live(115_000)])).toContainEqual(gap(100_050, 115_000));
  });

  it('does not cover a silence of minutes', () => {
    const room = new Room();
    room.take('dead', 1, [live(1_000)]);
    room.agent.take({ type: 'lost', session: 'dead', connection: 1, atMs: 900_000 });
    expect(room.take('successor', 1, [live(901_000)])).toContainEqual(gap(870_000, 901_000));
  });
});

function live(sinceMs: number): CaptionEvent {
  return { type: 'status', state: 'live', sinceMs };
}

function word(utterance: number, text: string, startMs: number): CaptionEvent[] {
  return [
    { type: 'opened', utterance, speaker, language: 'fr', source: 'machine', startMs },
    appended(utterance, 0, text, startMs),
  ];
}

function appended(utterance: number, offset: number, text: string, startMs: number): CaptionEvent {
  return { type: 'appended', utterance, offset, text, startMs, endMs: startMs + 50 };
}

function gap(fromMs: number, toMs: number): CaptionEvent {
  return { type: 'gap', identity: null, fromMs, toMs, reason: 'agent-lost' };
}
