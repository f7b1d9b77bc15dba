/** Gateway and overlay together: wherever a viewer is cut off, and whatever the agent lost, it ends like the others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptionLines } from '../client-overlay/overlay/caption-lines.ts';
import { RoomCaptions } from '../gateway/fanout/room-captions.ts';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { type ToViewer, unpackToViewer } from '../protocol/viewer-message.ts';

const limits = { maxAgeMs: 3_600_000, maxUtterances: 1_000, maxCharacters: 100_000 };

type Act =
  | { readonly act: 'say'; readonly who: number; readonly word: string; readonly continues: boolean }
  | { readonly act: 'pause'; readonly who: number }
  | { readonly act: 'gap' }
  | { readonly act: 'status'; readonly isLive: boolean };

interface Step {
  readonly acts: readonly Act[];
  /** The agent could not keep this step; the gateway never gets it. */
  readonly isLost: boolean;
}

const who = fc.nat({ max: 2 });
const arbitraryAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('say' as const),
      who,
      word: fc.stringMatching(/^[a-zé’]{1,8}$/),
      continues: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('pause' as const), who }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('gap' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('status' as const), isLive: fc.boolean() }) },
);

const arbitrarySteps = (losses: boolean): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      acts: fc.array(arbitraryAct, { minLength: 1, maxLength: 4 }),
      isLost: losses ? fc.integer({ min: 0, max: 9 }).map((die) => die === 0) : fc.constant(false),
    }),
    { minLength: 1, maxLength: 30 },
  );

/** What an agent makes of it: valid events with their offsets, one list a step. */
function agentFrames(steps: readonly Step[]): CaptionEvent[][] {
  const open = new Map<number, { id: number; length: number }>();
  let nextId = 1;
  let nowMs = 0;
  return steps.map(({ acts }) =>
    acts.flatMap((act): CaptionEvent[] => {
      nowMs += 100;
      if (act.act === 'gap') {
        return [{ type: 'gap', identity: null, fromMs: nowMs - 50, toMs: nowMs, reason: 'overload' }];
      }
      if (act.act === 'status') {
        return [{ type: 'status', state: act.isLive ? 'live' : 'interrupted', sinceMs: nowMs }];
      }
      const known = open.get(act.who);
      if (act.act === 'pause') {
        open.delete(act.who);
        return known ? [{ type: 'closed', utterance: known.id, length: known.length, endMs: nowMs }] : [];
      }
      const utterance = known ?? { id: nextId++, length: 0 };
      open.set(act.who, utterance);
      const text = utterance.length === 0 || act.continues ? act.word : ` ${act.word}`;
      const offset = utterance.length;
      utterance.length += text.length;
      const speaker = { identity: `p-${act.who}`, name: `Name ${act.who}`, trackSid: `TR_${act.who}` };
      const appended: CaptionEvent = {
        type: 'appended',
        utterance: utterance.id,
        offset,
        text,
        startMs: nowMs,
        endMs: nowMs + 80,
      };
      if (known) return [appended];
      const { id } = utterance;
      return [
        { type: 'opened', utterance: id, speaker, language: 'fr', source: 'machine', startMs: nowMs },
        appended,
      ];
    }),
  );
}

class Viewer {
  readonly lines = new CaptionLines();
  position = { epoch: 0, seq: 0 };

  take(message: ToViewer): void {
    if (message.type === 'frame') expect(message.seq).toBe(this.position.seq + 1);
    if (message.type !== 'frame' && message.type !== 'welcome') return;
    this.position = { epoch: message.epoch, seq: message.seq };
    for (const event of message.events) this.lines.apply(event);
  }

  get state() {
    const { utterances, gaps, status } = this.lines;
    return { utterances, gaps, status };
  }
}

/** Runs the steps; viewers are whoever is in the set at the time. */
class Room {
  readonly viewers = new Set<Viewer>();
  #epoch = 0;
  captions = this.#fresh();

  join(viewer: Viewer): void {
    viewer.take(unpackToViewer(this.captions.catchUp(viewer.position).welcome));
    this.viewers.add(viewer);
  }

  restart(): void {
    this.viewers.clear();
    this.captions = this.#fresh();
  }

  /** The agent's next frame. */
  accept(events: readonly CaptionEvent[]): void {
    this.captions.take(events, null, 0);
    this.captions.publish();
  }

  #fresh(): RoomCaptions {
    const captions = new RoomCaptions('room', limits, (_room, message) => {
      for (const viewer of this.viewers) viewer.take(unpackToViewer(message));
    });
    this.#epoch += 1;
    captions.moveTo({ epoch: this.#epoch, seq: 0, missingSeq: null });
    return captions;
  }
}

describe('a viewer ends like one that never left', () => {
  it('when it was away for a while', () => {
    fc.assert(
      fc.property(arbitrarySteps(true), fc.nat(), fc.nat(), (steps, cut, away) => {
        const room = new Room();
        const [stayed, left] = [new Viewer(), new Viewer()];
        for (const viewer of [stayed, left]) room.join(viewer);
        const leavesAt = cut % steps.length;
        const returnsAt = leavesAt + (away % (steps.length - leavesAt));
        for (const [index, events] of agentFrames(steps).entries()) {
          if (index === leavesAt) room.viewers.delete(left);
          if (steps[index]?.isLost === false) room.accept(events);
          if (index === returnsAt) room.join(left);
        }
        expect(left.state).toEqual(stayed.state);
      }),
    );
  });

  it('when it comes late', () => {
    fc.assert(
      fc.property(arbitrarySteps(true), (steps) => {
        const room = new Room();
        const [early, late] = [new Viewer(), new Viewer()];
        room.join(early);
        for (const [index, events] of agentFrames(steps).entries()) {
          if (steps[index]?.isLost === false) room.accept(events);
        }
        room.join(late);
        expect(late.state).toEqual(early.state);
      }),
    );
  });

  it('when the gateway was restarted in between and the agent sent everything again', () => {
    fc.assert(
      fc.property(arbitrarySteps(false), fc.nat(), fc.boolean(), (steps, cut, joinsFirst) => {
        const frames = agentFrames(steps);
        const [alone, tossed] = [new Room(), new Room()];
        const [calm, shaken] = [new Viewer(), new Viewer()];
        alone.join(calm);
        tossed.join(shaken);
        for (const events of frames) alone.accept(events);
        const restartsAt = cut % frames.length;
        for (const events of frames.slice(0, restartsAt)) tossed.accept(events);
        tossed.restart();
        if (joinsFirst) tossed.join(shaken);
        for (const events of frames) tossed.accept(events);
        if (!joinsFirst) tossed.join(shaken);
        expect(shaken.state).toEqual(calm.state);
      }),
    );
  });
});
