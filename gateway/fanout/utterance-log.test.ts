/** A viewer that was cut off anywhere, and told what it lacks, ends where one is that never left. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { arbitraryCaptionEvent } from '../../test/support/arbitrary-caption-events.ts';
import { type LogLimits, UtteranceLog } from './utterance-log.ts';

const ample: LogLimits = { maxAgeMs: 3_600_000, maxUtterances: 1_000, maxCharacters: 100_000 };
const speaker = { identity: 'p-1', name: 'Ana', trackSid: 'TR_1' };

/** What a viewer knows: the plainest reading of the protocol. */
class ViewerState {
  readonly utterances = new Map<number, { text: string; endMs: number | null; revision: number }>();
  readonly gaps = new Set<string>();
  status = '';

  apply(events: readonly CaptionEvent[]): this {
    for (const event of events) {
      if (event.type === 'gap') this.gaps.add(JSON.stringify(event));
      else if (event.type === 'status') this.status = `${event.state} ${event.sinceMs}`;
      else if (event.type === 'erased') {
        this.utterances.clear();
        this.gaps.clear();
      } else this.#applyToUtterance(event);
    }
    return this;
  }

  #applyToUtterance(event: Exclude<CaptionEvent, { type: 'gap' | 'status' | 'erased' }>): void {
    const known = this.utterances.get(event.utterance);
    if (event.type === 'restored') {
      const { text, endMs, revision } = event;
      this.utterances.set(event.utterance, { text, endMs, revision });
    } else if (event.type === 'opened') {
      if (!known) this.utterances.set(event.utterance, { text: '', endMs: null, revision: 0 });
    } else if (known && event.type === 'appended') {
      expect(event.offset).toBeLessThanOrEqual(known.text.length);
      known.text = known.text.slice(0, event.offset) + event.text;
    } else if (known && event.type === 'closed') {
      expect(event.length).toBe(known.text.length);
      known.endMs = event.endMs;
    }
  }
}

/** Applies one frame after the other; returns what viewers were told in each. */
function run(log: UtteranceLog, frames: readonly (readonly CaptionEvent[])[]): CaptionEvent[][] {
  return frames.map((events, index) => events.flatMap((event) => log.apply(event, index + 1, index)));
}

const arbitraryFrames = fc.array(
  fc.array(arbitraryCaptionEvent({ utterance: fc.nat({ max: 4 }) }), { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 40 },
);

describe('the utterance log', () => {
  it('brings a viewer that was cut off anywhere to the state of one that never left', () => {
    fc.assert(
      fc.property(arbitraryFrames, fc.nat(), (frames, at) => {
        const log = new UtteranceLog(ample);
        const told = run(log, frames);
        const cut = at % (frames.length + 1);
        const stayed = new ViewerState().apply(told.flat());
        const returned = new ViewerState().apply(told.slice(0, cut).flat()).apply(log.since(cut).events);
        expect(returned).toEqual(stayed);
      }),
    );
  });

  it('tells a viewer nothing when an agent’s history comes again', () => {
    const pieces = fc.array(fc.stringMatching(/^ [a-z]{1,6}$/), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 4 }), fc.nat(), (utterances, from) => {
        const history = utterances.flatMap((texts, id) => {
          let length = 0;
          const appends = texts.map((text) => {
            length += text.length;
            return appended(id, length - text.length, text, length);
          });
          return [opened(id), ...appends, { type: 'closed', utterance: id, length, endMs: 9 } as const];
        });
        const log = new UtteranceLog(ample);
        run(log, [history]);
        expect(run(log, [history.slice(from % (history.length + 1))]).flat()).toEqual([]);
      }),
    );
  });

  it('has two times for each word of a text, however it was cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^ ?[a-z]{1,5}( [a-z]{1,5}){0,2}$/), { minLength: 1, maxLength: 12 }),
        (pieces) => {
          const log = new UtteranceLog(ample);
          log.apply(opened(1), 1, 0);
          let offset = 0;
          for (const [index, piece] of pieces.entries()) {
            const text = index === 0 ? piece.trimStart() : piece;
            log.apply(appended(1, offset, text, index * 100), index + 2, 0);
            offset += text.length;
          }
          const [restored] = log.since(0).events;
          if (restored?.type !== 'restored') throw new Error('an utterance expected');
          expect(restored.wordTimes).toHaveLength(2 * restored.text.split(' ').length);
          expect([...restored.wordTimes].sort((a, b) => a - b)).toEqual(restored.wordTimes);
        },
      ),
    );
  });

  it('marks a gap and goes on where the text continues, when a piece in between is missing', () => {
    const log = new UtteranceLog(ample);
    log.apply(opened(1), 1, 0);
    log.apply(appended(1, 0, 'one'), 2, 0);
    expect(log.apply(appended(1, 7, ' three'), 3, 0)).toEqual([appended(1, 3, ' three')]);
    expect(log.apply({ type: 'closed', utterance: 1, length: 20, endMs: 900 }, 4, 0)).toEqual([
      { type: 'gap', identity: 'p-1', fromMs: 100, toMs: 900, reason: 'captions-lost' },
      { type: 'closed', utterance: 1, length: 9, endMs: 900 },
    ]);
  });

  it('marks a gap for text of an utterance whose beginning it never had', () => {
    const log = new UtteranceLog(ample);
    expect(log.apply(appended(5, 10, ' rest', 400), 1, 0)).toEqual([
      appended(5, 10, ' rest', 400),
      { type: 'gap', identity: null, fromMs: 400, toMs: 500, reason: 'captions-lost' },
    ]);
    expect(log.size).toBe(0);
  });

  it('marks it once while it goes on, and whole when it ends', () => {
    const log = new UtteranceLog(ample);
    log.apply(appended(5, 10, ' rest', 400), 1, 0);
    expect(log.apply(appended(5, 15, ' more', 500), 2, 0)).toEqual([appended(5, 15, ' more', 500)]);
    const closed = { type: 'closed', utterance: 5, length: 20, endMs: 900 } as const;
    expect(log.apply(closed, 3, 0)).toEqual([
      closed,
      { type: 'gap', identity: null, fromMs: 400, toMs: 900, reason: 'captions-lost' },
    ]);
    expect(log.apply(closed, 4, 0)).toEqual([]);
  });

  it('says that something is gone only to those who had not got it', () => {
    const log = new UtteranceLog({ ...ample, maxUtterances: 2 });
    for (const id of [1, 2, 3]) {
      log.apply(opened(id), id, 0);
      log.apply({ type: 'closed', utterance: id, length: 0, endMs: 0 }, id, 0);
    }
    log.trim(0);
    expect(log.size).toBe(2);
    expect(log.since(0).complete).toBe(false);
    expect(log.since(1)).toMatchObject({ complete: true, events: [{ utterance: 2 }, { utterance: 3 }] });
  });

  it('forgets by age, an open utterance only when its speaker was silent for long', () => {
    const log = new UtteranceLog({ ...ample, maxAgeMs: 1_000 });
    log.apply(opened(1), 1, 0);
    log.apply({ type: 'closed', utterance: 1, length: 0, endMs: 0 }, 2, 0);
    log.apply(opened(2), 3, 0);
    log.trim(1_001);
    expect(log.since(0).events).toMatchObject([{ utterance: 2 }]);
    log.trim(600_001);
    expect(log.size).toBe(0);
  });

  it('stays within its bound of characters', () => {
    const log = new UtteranceLog({ ...ample, maxCharacters: 10 });
    for (const id of [1, 2, 3, 4]) {
      log.apply(opened(id), id, 0);
      log.apply(appended(id, 0, 'sixchr'), id, 0);
    }
    log.trim(0);
    expect(log.since(0).events).toMatchObject([{ utterance: 4 }]);
  });

  it('closes what is open in the agent’s own count of characters', () => {
    const log = new UtteranceLog(ample);
    log.apply(opened(1), 1, 0);
    log.apply(appended(1, 4, 'late'), 2, 0);
    expect(log.closeOpen()).toEqual([{ type: 'closed', utterance: 1, length: 8, endMs: 100 }]);
    expect(log.apply(log.closeOpen()[0] as CaptionEvent, 3, 0)).toEqual([
      { type: 'closed', utterance: 1, length: 4, endMs: 100 },
    ]);
  });
});

function opened(utterance: number): CaptionEvent {
  return { type: 'opened', utterance, speaker, language: 'fr', source: 'machine', startMs: 0 };
}

function appended(utterance: number, offset: number, text: string, startMs = 0): CaptionEvent {
  return { type: 'appended', utterance, offset, text, startMs, endMs: startMs + 100 };
}
