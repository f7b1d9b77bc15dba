import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CaptionEvent, UtteranceRestored } from '../../protocol/caption-event.ts';
import { CaptionLines, MAX_GAPS, MAX_UTTERANCES } from './caption-lines.ts';
import type { CaptionUtterance } from './caption-utterance.ts';

const MARIE = { identity: 'marie', name: 'Marie', trackSid: 'TR_marie' };
const PAUL = { identity: 'paul', name: 'Paul', trackSid: 'TR_paul' };

function opened(utterance: number, startMs = utterance * 1_000, speaker = MARIE): CaptionEvent {
  return { type: 'opened', utterance, speaker, language: 'fr', source: 'machine', startMs };
}

function appended(utterance: number, offset: number, text: string): CaptionEvent {
  return { type: 'appended', utterance, offset, text, startMs: 100 + offset, endMs: 150 + offset };
}

function restored(held: CaptionUtterance): UtteranceRestored {
  const { id: utterance, ...rest } = held;
  return { type: 'restored', utterance, ...rest };
}

function linesAfter(...events: readonly CaptionEvent[]): CaptionLines {
  const lines = new CaptionLines();
  for (const event of events) lines.apply(event);
  return lines;
}

/** Turns of two speakers that overlap, as the gateway publishes them: the events of each stay in order. */
const talk = fc
  .array(
    fc.record({
      pieces: fc.array(fc.stringMatching(/^ ?[a-zé]{1,6}$/), { minLength: 1, maxLength: 6 }),
      startMs: fc.integer({ min: 0, max: 20_000 }),
      closes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .chain((turns) => {
    const each = turns.map(({ pieces, startMs, closes }, index): CaptionEvent[] => {
      const events: CaptionEvent[] = [opened(index, startMs, index % 2 ? MARIE : PAUL)];
      let length = 0;
      for (const piece of pieces) {
        events.push(appended(index, length, piece));
        length += piece.length;
      }
      if (closes) events.push({ type: 'closed', utterance: index, length, endMs: startMs + 5_000 });
      return events;
    });
    const order = each.flatMap((events, index) => events.map(() => index));
    return fc.shuffledSubarray(order, { minLength: order.length }).map((shuffled) => {
      const next = each.map(() => 0);
      return shuffled.map((turn) => {
        const position = next[turn] ?? 0;
        next[turn] = position + 1;
        const event = each[turn]?.[position];
        if (!event) throw new Error('an event too many');
        return event;
      });
    });
  });

describe('whatever the network does', () => {
  test('repeats, lost stretches, resumes and old snapshots end in the same transcript, and no word ever changes', () => {
    const accidents = fc.infiniteStream(
      fc.constantFrom('deliver', 'deliver', 'repeat', 'resume', 'stale', 'lose' as const),
    );
    fc.assert(
      fc.property(talk, accidents, fc.infiniteStream(fc.nat()), (events, accident, pick) => {
        const gateway = new CaptionLines();
        const viewer = new CaptionLines();
        const deliver = (event: CaptionEvent) => {
          const before = viewer.utterances.map(({ id, text }) => ({ id, text }));
          viewer.apply(event);
          for (const { id, text } of before) expect(viewer.get(id)?.text.startsWith(text)).toBe(true);
        };
        const snapshots: UtteranceRestored[][] = [];
        const welcome = () => {
          const snapshot = gateway.utterances.map(restored);
          snapshots.push(snapshot);
          snapshot.forEach(deliver);
        };
        let lost = false;
        const sent: CaptionEvent[] = [];
        for (const event of events) {
          gateway.apply(event);
          const what = accident.next().value;
          if (what === 'lose') lost = true;
          else if (what === 'resume' || lost) {
            welcome();
            lost = false;
          } else deliver(event);
          sent.push(event);
          const again = sent[(pick.next().value ?? 0) % sent.length];
          if (what === 'stale') snapshots[0]?.forEach(deliver);
          if (what === 'repeat' && again && viewer.get(utteranceOf(again))) deliver(again);
        }
        if (lost) welcome();
        expect(viewer.utterances).toEqual(gateway.utterances);
      }),
      { numRuns: 300 },
    );
  });

  test('applying everything a second time changes nothing at all', () => {
    fc.assert(
      fc.property(talk, (events) => {
        const lines = linesAfter(...events);
        const before = [...lines.utterances];
        for (const event of [...events, ...before.map(restored)]) {
          expect(lines.apply(event).type).toBe('none');
        }
        expect(lines.utterances).toEqual(before);
      }),
    );
  });

  test('turns stand in the order in which they began, however late they are heard of', () => {
    fc.assert(
      fc.property(talk, (events) => {
        const starts = linesAfter(...events).utterances.map(({ startMs }) => startMs);
        expect(starts).toEqual(starts.toSorted((one, other) => one - other));
      }),
    );
  });
});

describe('an utterance', () => {
  test('grows by the part of a piece that is new', () => {
    const lines = linesAfter(opened(1), appended(1, 0, 'Bon'), appended(1, 0, 'Bonjour'));
    expect(lines.get(1)?.text).toBe('Bonjour');
  });

  test('keeps one time for each word, and a continued word ends later', () => {
    const lines = linesAfter(
      opened(1, 0),
      appended(1, 0, 'Bon'),
      appended(1, 3, 'jour'),
      appended(1, 7, ' Paul'),
    );
    expect(lines.get(1)?.wordTimes).toEqual([100, 153, 107, 157]);
  });

  test('reports a hole and a contradiction, and changes for neither', () => {
    const lines = linesAfter(opened(1), appended(1, 0, 'Bonjour'));
    expect(lines.apply(appended(1, 9, ' Paul'))).toMatchObject({ type: 'needs-resume', reason: 'hole' });
    expect(lines.apply(appended(1, 0, 'Bonsoir'))).toMatchObject({
      type: 'needs-resume',
      reason: 'mismatch',
    });
    expect(lines.apply({ type: 'closed', utterance: 1, length: 12, endMs: 5 })).toMatchObject({
      reason: 'hole',
    });
    expect(lines.apply({ type: 'closed', utterance: 1, length: 3, endMs: 5 })).toMatchObject({
      reason: 'mismatch',
    });
    expect(lines.apply(appended(2, 0, 'Qui ?'))).toMatchObject({ reason: 'hole' });
    expect(lines.utterances).toHaveLength(1);
    expect(lines.get(1)).toMatchObject({ text: 'Bonjour', endMs: null });
  });

  test('is replaced only by a higher revision, which older words then leave alone', () => {
    const lines = linesAfter(opened(1), appended(1, 0, 'Bonjour Pole'));
    const held = lines.get(1);
    if (!held) throw new Error('nothing held');
    const other = { ...restored(held), text: 'Bonjour Paul', endMs: 9 };
    expect(lines.apply(other)).toMatchObject({ type: 'needs-resume', reason: 'mismatch' });
    expect(lines.apply({ ...other, revision: 1 }).type).toBe('replaced');
    expect(lines.apply(restored(held)).type).toBe('none');
    expect(lines.apply(appended(1, 12, ' !')).type).toBe('none');
    expect(lines.get(1)).toMatchObject({ text: 'Bonjour Paul', revision: 1 });
  });
});

describe('what is held is bounded', () => {
  test('the oldest utterances go and are counted', () => {
    const lines = new CaptionLines();
    for (let id = 1; id <= MAX_UTTERANCES + 3; id += 1) lines.apply(opened(id));
    expect(lines.utterances).toHaveLength(MAX_UTTERANCES);
    expect(lines.evicted).toBe(3);
    expect(lines.get(3)).toBeUndefined();
  });

  test('gaps are kept once each, the oldest go', () => {
    const lines = new CaptionLines();
    const gap = (fromMs: number): CaptionEvent => ({
      type: 'gap',
      identity: null,
      fromMs,
      toMs: fromMs + 5,
      reason: 'overload',
    });
    for (let at = 0; at < MAX_GAPS + 2; at += 1) lines.apply(gap(at));
    expect(lines.apply(gap(MAX_GAPS))).toEqual({ type: 'none' });
    expect(lines.gaps).toHaveLength(MAX_GAPS);
    expect(lines.gaps[0]?.fromMs).toBe(2);
  });
});

test('the last status counts, also when another gateway’s clock is behind', () => {
  const lines = linesAfter({ type: 'status', state: 'interrupted', sinceMs: 500 });
  expect(lines.apply({ type: 'status', state: 'live', sinceMs: 400 }).type).toBe('status');
  expect(lines.apply({ type: 'status', state: 'live', sinceMs: 400 }).type).toBe('none');
});

function utteranceOf(event: CaptionEvent): number {
  return 'utterance' in event ? event.utterance : -1;
}
