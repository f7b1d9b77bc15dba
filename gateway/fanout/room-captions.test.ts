/** What a viewer that was away gets: the outcome, byte for byte, and not how it came about. */
import { describe, expect, it } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { hexOf } from '../../test/support/hex.ts';
import { RoomCaptions } from './room-captions.ts';

const speaker = { identity: 'p', name: 'A', trackSid: 'T' };
const appended = (utterance: number, offset: number, text: string, startMs: number): CaptionEvent => ({
  type: 'appended',
  utterance,
  offset,
  text,
  startMs,
  endMs: startMs + 1,
});
const opened = (utterance: number): CaptionEvent => ({
  type: 'opened',
  utterance,
  speaker,
  language: 'fr',
  source: 'machine',
  startMs: 0,
});

function roomAfter(...frames: readonly CaptionEvent[][]): RoomCaptions {
  const limits = { maxAgeMs: 3_600_000, maxUtterances: 100, maxCharacters: 10_000 };
  const room = new RoomCaptions('room', limits, () => {});
  room.moveTo({ epoch: 7, seq: 0, missingSeq: null });
  for (const events of frames) {
    room.take(events, null, 1);
    room.publish();
  }
  return room;
}

/** The gateway's time, which is in the middle, left out. */
function welcomeFor(room: RoomCaptions, seq: number): string {
  const bytes = hexOf(room.catchUp({ epoch: 7, seq }).welcome);
  return bytes.replace(/ cb( ..){8} c3 /, ' TIME c3 ');
}

const LIVE: CaptionEvent = { type: 'status', state: 'live', sinceMs: 1 };
const RESTORED = '9c 03 01 a1 70 a1 41 a1 54 00 00 00 c0';
const STATUS = '93 05 01 01';

describe('a viewer that returns', () => {
  const frames = [
    [LIVE, opened(1), appended(1, 0, 'a', 0)],
    [appended(1, 1, ' b', 2)],
    [appended(1, 3, 'c', 4)],
    [appended(1, 4, ' d', 6)],
  ];

  it('gets an utterance as it stands, once, however many pieces it came in', () => {
    // welcome, epoch 7, seq 4, recovered; the text "a bc d" with its words' times; the status
    expect(welcomeFor(roomAfter(...frames), 1)).toBe(
      `96 00 07 04 TIME c3 92 ${RESTORED} a6 61 20 62 63 20 64 96 00 01 02 05 06 07 00 ${STATUS}`,
    );
  });

  it('gets the same whenever it left while the utterance was spoken', () => {
    const room = roomAfter(...frames);
    for (const seq of [2, 3]) expect(welcomeFor(room, seq)).toBe(welcomeFor(room, 1));
  });

  it('gets nothing that it has', () => {
    expect(welcomeFor(roomAfter(...frames), 4)).toBe(`96 00 07 04 TIME c3 91 ${STATUS}`);
  });

  it('gets the last of several corrections and the last of several states', () => {
    const corrected = (text: string, revision: number): CaptionEvent => ({
      type: 'restored',
      utterance: 1,
      speaker,
      language: 'fr',
      source: 'machine',
      startMs: 0,
      endMs: 9,
      text,
      wordTimes: [0, 1],
      revision,
    });
    const room = roomAfter(
      ...frames,
      [corrected('once', 1)],
      [{ type: 'status', state: 'interrupted', sinceMs: 2 }],
      [corrected('twice', 2)],
      [{ type: 'status', state: 'live', sinceMs: 3 }],
    );
    expect(welcomeFor(room, 2)).toBe(
      '96 00 07 08 TIME c3 92 9c 03 01 a1 70 a1 41 a1 54 00 00 00 09 a5 74 77 69 63 65 92 00 01 02 93 05 01 03',
    );
  });
});
