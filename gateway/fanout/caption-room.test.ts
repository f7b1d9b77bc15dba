/** What happens to a room's steps when there is no time to tell each of them in a frame of its own. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CaptionLines } from '../../client-overlay/overlay/caption-lines.ts';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { type ToViewer, unpackToViewer } from '../../protocol/viewer-message.ts';
import { createLog } from '../../runtime/log.ts';
import { hexOf } from '../../test/support/hex.ts';
import type { FrameInput, RoomInput } from '../bus/room-input.ts';
import { CaptionRoom } from './caption-room.ts';

const EPOCH = 7;
const speaker = { identity: 'p', name: 'A', trackSid: 'T' };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Checks what every viewer checks: that no step is missing. */
class Viewer {
  readonly lines = new CaptionLines();
  position = { epoch: 0, seq: 0 };

  take(message: ToViewer): void {
    if (message.type !== 'frame' && message.type !== 'welcome') return;
    if (message.type === 'frame') expect(message.seq - (message.steps ?? 1)).toBe(this.position.seq);
    this.position = { epoch: message.epoch, seq: message.seq };
    for (const event of message.events) this.lines.apply(event);
  }

  get state() {
    const { utterances, gaps, status } = this.lines;
    return { utterances, gaps, status };
  }
}

class Room {
  readonly told: Uint8Array[] = [];
  readonly viewers = new Set<Viewer>();
  readonly copy: CaptionRoom;
  mergeMs: number;
  merged = 0;
  #offset = 0;

  constructor(mergeMs: number) {
    this.mergeMs = mergeMs;
    const nothing = () => {};
    this.copy = new CaptionRoom({
      room: 'room',
      limits: { maxAgeMs: 3_600_000, maxUtterances: 100, maxCharacters: 10_000 },
      publish: (_room, message) => {
        this.told.push(message);
        for (const viewer of this.viewers) viewer.take(unpackToViewer(message));
      },
      log: createLog('caption-room', 'silent'),
      mergeMs: () => this.mergeMs,
      onMerged: (count) => {
        this.merged += count;
      },
      onSuperseded: nothing,
      onHole: nothing,
      onPublished: nothing,
      onServing: nothing,
      onOffRecord: nothing,
      onWiped: nothing,
      onCaughtUp: nothing,
      onErased: nothing,
    });
    const past = { saved: null, entries: [], isComplete: true, isRewritten: false };
    this.copy.handlePast({ epoch: EPOCH, offset: 0, ...past });
    this.copy.handleCaughtUp();
  }

  happen(input: RoomInput): void {
    this.#offset += 1;
    this.copy.handleEntry({ epoch: EPOCH, offset: this.#offset, inputs: [input] });
  }

  step(...events: CaptionEvent[]): void {
    this.happen(frame(this.#offset + 1, events));
  }

  join(viewer: Viewer): void {
    viewer.take(unpackToViewer(this.copy.catchUp(viewer.position).welcome));
    this.viewers.add(viewer);
  }

  get frames() {
    return this.told.map(unpackToViewer).map((message) => (message.type === 'frame' ? message : null));
  }
}

const frame = (number: number, events: readonly CaptionEvent[]): FrameInput => ({
  type: 'frame',
  session: 's',
  connection: 1,
  number,
  isHole: false,
  times: null,
  receivedMs: 1_000,
  events,
});
const opened = (utterance: number): CaptionEvent => ({
  type: 'opened',
  utterance,
  speaker,
  language: 'fr',
  source: 'machine',
  startMs: 0,
});
const appended = (utterance: number, offset: number, text: string): CaptionEvent => ({
  type: 'appended',
  utterance,
  offset,
  text,
  startMs: 0,
  endMs: 1,
});

describe('a room whose gateway has time', () => {
  it('tells each step at once', () => {
    const room = new Room(0);
    room.step(opened(1));
    room.step(appended(1, 0, 'a'));
    expect(room.frames).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(room.frames.some((message) => message?.steps !== undefined)).toBe(false);
    expect(room.merged).toBe(0);
  });
});

describe('a room whose gateway has none', () => {
  it('tells the steps of a while in one frame, in their order, byte for byte', () => {
    const room = new Room(100);
    room.step(opened(1));
    room.step(appended(1, 0, 'a'));
    vi.advanceTimersByTime(99);
    room.step(appended(1, 1, 'b'));
    expect(room.told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(room.told.map(hexOf)).toEqual([
      // frame, epoch 7, seq 3, no times, four events (the first: the room is live), three steps
      '96 01 07 03 c0 94 93 05 01 00 98 00 01 a1 70 a1 41 a1 54 00 00 00 96 01 01 00 a1 61 00 01 96 01 01 01 a1 62 00 01 03',
    ]);
    expect(room.merged).toBe(2);
    room.step(appended(1, 2, 'c'));
    vi.advanceTimersByTime(100);
    expect(room.frames.at(-1)).toEqual({
      type: 'frame',
      epoch: EPOCH,
      seq: 4,
      times: null,
      events: [appended(1, 2, 'c')],
    });
  });

  it('lets no decision of a person wait, nor what came before it', () => {
    const room = new Room(100);
    room.step(opened(1), appended(1, 0, 'a'));
    room.happen({ type: 'wiped', atMs: 5 });
    expect(room.frames).toMatchObject([{ seq: 2, steps: 2 }]);
    expect(room.frames[0]?.events.map(({ type }) => type)).toEqual([
      'status',
      'opened',
      'appended',
      'erased',
      'opened',
    ]);
    vi.advanceTimersByTime(1_000);
    expect(room.told).toHaveLength(1);
  });

  it('tells two dozen steps without waiting longer', () => {
    const room = new Room(100);
    room.step(opened(1));
    for (let step = 0; step < 30; step += 1) room.step(appended(1, step, 'x'));
    expect(room.frames).toMatchObject([{ seq: 24, steps: 24 }]);
  });

  it('tells at once again as soon as there is time', () => {
    const room = new Room(100);
    room.step(opened(1));
    room.mergeMs = 0;
    room.step(appended(1, 0, 'a'));
    expect(room.frames).toMatchObject([{ seq: 2, steps: 2 }]);
  });

  it('welcomes a viewer that another node has told more with all of it', () => {
    const room = new Room(100);
    room.step(opened(1));
    room.step(appended(1, 0, 'a'));
    const viewer = new Viewer();
    viewer.position = { epoch: EPOCH, seq: 2 };
    // Of what it has, only the status is said again.
    const { welcome, recovered } = room.copy.catchUp(viewer.position);
    expect(unpackToViewer(welcome)).toMatchObject({ seq: 2, events: [{ type: 'status', state: 'live' }] });
    expect(recovered).toBe(true);
  });

  it('saves what waits, and tells nothing after its end', () => {
    const room = new Room(100);
    room.step(opened(1));
    room.copy.save();
    expect(room.frames).toMatchObject([{ seq: 1 }]);
    room.step(appended(1, 0, 'a'));
    room.copy.close();
    vi.advanceTimersByTime(1_000);
    expect(room.told).toHaveLength(1);
  });

  const act = fc.oneof(
    { weight: 6, arbitrary: fc.constant('say' as const) },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
    { weight: 2, arbitrary: fc.constant('pass' as const) },
    { weight: 2, arbitrary: fc.constant('leave' as const) },
    { weight: 2, arbitrary: fc.constant('join' as const) },
    { weight: 1, arbitrary: fc.constant('hurry' as const) },
    { weight: 1, arbitrary: fc.constant('state' as const) },
  );

  it('shows its viewers what one with time shows, whenever they come and go', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const [merging, prompt] = [new Room(100), new Room(0)];
        const [tossed, calm] = [new Viewer(), new Viewer()];
        merging.join(tossed);
        prompt.join(calm);
        let utterance = 0;
        let length = 0;
        const both = (...events: CaptionEvent[]) => {
          for (const room of [merging, prompt]) room.step(...events);
        };
        for (const [index, kind] of acts.entries()) {
          if (kind === 'turn' || utterance === 0) {
            if (utterance > 0) both({ type: 'closed', utterance, length, endMs: index });
            utterance += 1;
            length = 0;
            both(opened(utterance));
          }
          if (kind === 'say') both(appended(utterance, length++, 'w'));
          if (kind === 'pass') vi.advanceTimersByTime(60);
          if (kind === 'leave') merging.viewers.delete(tossed);
          if (kind === 'join') merging.join(tossed);
          if (kind === 'hurry') merging.mergeMs = 100 - merging.mergeMs;
          if (kind === 'state') {
            for (const room of [merging, prompt])
              room.happen({ type: 'state', state: index % 2 ? 'interrupted' : 'live', sinceMs: index });
          }
        }
        vi.advanceTimersByTime(1_000);
        merging.join(tossed);
        expect(tossed.state).toEqual(calm.state);
        expect(tossed.position).toEqual(calm.position);
      }),
    );
  });
});
