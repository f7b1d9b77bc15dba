/** What a node makes of a room that the bus had lost and another node put there again, from what that one held. */
import { describe, expect, it } from 'vitest';
import { CaptionLines } from '../../client-overlay/overlay/caption-lines.ts';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { unpackToViewer } from '../../protocol/viewer-message.ts';
import { createLog } from '../../runtime/log.ts';
import type { RoomPast } from '../bus/caption-bus.ts';
import type { RoomInput } from '../bus/room-input.ts';
import { CaptionRoom } from './caption-room.ts';

const nothing = () => {};

class Node {
  readonly lines = new CaptionLines();
  readonly room = new CaptionRoom({
    room: 'room',
    limits: { maxAgeMs: 3_600_000, maxUtterances: 100, maxCharacters: 10_000 },
    publish: (_room, message) => {
      const told = unpackToViewer(message);
      if ('events' in told) for (const event of told.events) this.lines.apply(event);
    },
    log: createLog('lost-room', 'silent'),
    mergeMs: () => 0,
    onMerged: nothing,
    onSuperseded: nothing,
    onHole: nothing,
    onPublished: nothing,
    onServing: nothing,
    onOffRecord: nothing,
    onWiped: nothing,
    onCaughtUp: nothing,
    onErased: nothing,
  });

  constructor(...said: readonly RoomInput[]) {
    this.room.handlePast({ ...EMPTY, epoch: 1, offset: 0 });
    for (const [index, input] of said.entries()) {
      this.room.handleEntry({ epoch: 1, offset: index + 1, inputs: [input] });
    }
  }
}

const EMPTY: RoomPast = {
  epoch: 2,
  offset: 1,
  saved: null,
  entries: [],
  isComplete: true,
  isRewritten: false,
};

function word(session: string, utterance: number, startMs: number): RoomInput {
  const speaker = { identity: 'p', name: 'A', trackSid: 'T' };
  const events: CaptionEvent[] = [
    { type: 'opened', utterance, speaker, language: 'fr', source: 'machine', startMs },
    { type: 'appended', utterance, offset: 0, text: 'a', startMs, endMs: startMs + 10 },
  ];
  return {
    type: 'frame',
    session,
    connection: 1,
    number: 1,
    isHole: false,
    times: null,
    receivedMs: 1,
    events,
  };
}

describe('a copy from another node', () => {
  const later = {
    ...EMPTY,
    isRewritten: true,
    entries: [{ epoch: 2, offset: 1, inputs: [word('s', 2, 5_000)] }],
  };

  it('that held less is not the last word, and what nobody may have had is marked', () => {
    const node = new Node(word('s', 1, 1_000));
    const saved = new Node().room.save();
    expect(node.room.handlePast({ ...later, saved })).toBe(true);
    expect(node.lines.utterances.map(({ id }) => id)).toEqual([1, 2]);
    expect(node.lines.gaps).toMatchObject([{ fromMs: 1_010, toMs: 5_000, reason: 'captions-lost' }]);
  });

  it('that held as much is, and nothing is marked', () => {
    const node = new Node(word('s', 1, 1_000));
    expect(node.room.handlePast({ ...later, saved: node.room.save() })).toBe(false);
    expect(node.lines.gaps).toEqual([]);
  });

  it('is not needed of words that come again from their agent', () => {
    const node = new Node(word('s', 1, 1_000));
    const entries = [{ epoch: 2, offset: 1, inputs: [word('s', 1, 1_000)] }];
    expect(node.room.handlePast({ ...later, entries })).toBe(false);
  });
});
