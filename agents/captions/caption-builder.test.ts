import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import type { SpeechEvent } from '../speech/speech-engine.ts';
import { CaptionBuilder } from './caption-builder.ts';
import { HARD_LIMIT } from './endpoint-rule.ts';
import { UtteranceIds } from './utterance-ids.ts';

const speaker = { identity: 'ada', name: 'Ada', trackSid: 'TR_1' };

function build(speech: readonly SpeechEvent[], close = true): CaptionEvent[] {
  const events: CaptionEvent[] = [];
  let id = 0;
  const builder = new CaptionBuilder({
    speaker: () => speaker,
    nextUtterance: () => ++id,
    onEvent: (event) => events.push(event),
  });
  for (const event of speech) builder.handleSpeech(event);
  if (close) builder.close();
  return events;
}

const said = (text: string, startMs: number, language: 'fr' | 'en' = 'en'): SpeechEvent => ({
  type: 'text',
  text,
  startMs,
  endMs: startMs + 200,
  language,
});

describe('the caption builder', () => {
  it('opens at the first word, appends, and closes at the pause', () => {
    expect(build([said(' hello', 1000), said(' there', 1300), { type: 'end', endMs: 1800 }])).toEqual([
      { type: 'opened', utterance: 1, speaker, language: 'en', source: 'machine', startMs: 1000 },
      { type: 'appended', utterance: 1, offset: 0, text: 'hello', startMs: 1000, endMs: 1200 },
      { type: 'appended', utterance: 1, offset: 5, text: ' there', startMs: 1300, endMs: 1500 },
      { type: 'closed', utterance: 1, length: 11, endMs: 1800 },
    ]);
  });

  it('starts a new utterance where the language changes, but not inside a word', () => {
    const events = build([said('week', 0, 'en'), said('end', 200, 'fr'), said(' prochain', 400, 'fr')]);
    expect(events.filter((event) => event.type === 'opened')).toHaveLength(2);
    expect(events[2]).toMatchObject({ type: 'appended', utterance: 1, offset: 4, text: 'end' });
  });

  it('marks skipped audio as a gap of this speaker between two utterances', () => {
    const events = build([said('one', 0), { type: 'skipped', fromMs: 300, toMs: 900 }, said(' two', 900)]);
    expect(events.map((event) => event.type)).toEqual([
      'opened',
      'appended',
      'closed',
      'gap',
      'opened',
      'appended',
      'closed',
    ]);
    expect(events[3]).toEqual({ type: 'gap', identity: 'ada', fromMs: 300, toMs: 900, reason: 'overload' });
  });

  it('does NOT open an utterance for silence', () => {
    expect(build([{ type: 'end', endMs: 5 }, said(' ', 6)])).toEqual([]);
  });

  const anySpeech = fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.tuple(fc.boolean(), fc.string({ minLength: 1, maxLength: 12 })) },
      { weight: 1, arbitrary: fc.constant('end' as const) },
      { weight: 1, arbitrary: fc.constant('skipped' as const) },
    ),
    { maxLength: 200 },
  );

  it('appends pieces that join to each utterance without holes, whatever is said', () => {
    fc.assert(
      fc.property(anySpeech, (script) => {
        const speech = script.map((item, index): SpeechEvent => {
          const startMs = index * 300;
          if (item === 'end') return { type: 'end', endMs: startMs };
          if (item === 'skipped') return { type: 'skipped', fromMs: startMs, toMs: startMs + 10 };
          return said((item[0] ? ' ' : '') + item[1].replaceAll(/\s/gu, '_'), startMs);
        });
        const texts = new Map<number, string>();
        const closed = new Set<number>();
        for (const event of build(speech)) {
          if (event.type === 'opened') {
            expect(texts.has(event.utterance)).toBe(false);
            texts.set(event.utterance, '');
          } else if (event.type === 'appended') {
            const before = texts.get(event.utterance) ?? expect.unreachable();
            expect(closed.has(event.utterance)).toBe(false);
            expect(event.offset).toBe(before.length);
            if (before === '') expect(event.text).not.toMatch(/^\s/);
            texts.set(event.utterance, before + event.text);
          } else if (event.type === 'closed') {
            expect(event.length).toBe(texts.get(event.utterance)?.length);
            closed.add(event.utterance);
          }
        }
        expect([...closed]).toEqual([...texts.keys()]);
        const all = speech.map((event) => (event.type === 'text' ? event.text : '')).join('');
        expect([...texts.values()].join('')).toHaveLength(all.replace(/ /g, '').length + innerSpaces(texts));
      }),
      { numRuns: 200 },
    );
  });

  it('never lets a row of ordinary words grow past the hard limit by more than a word', () => {
    const speech = Array.from({ length: 500 }, (_, index) => said(' constitution', index));
    for (const event of build(speech)) {
      if (event.type === 'closed') expect(event.length).toBeLessThan(HARD_LIMIT.characters + 14);
    }
  });
});

describe('utterance ids', () => {
  it('are safe integers, consecutive, and differ between processes', () => {
    const ids = new UtteranceIds();
    const first = ids.next();
    expect(Number.isSafeInteger(first + 2 ** 20)).toBe(true);
    expect(ids.next()).toBe(first + 1);
    expect(new UtteranceIds().next()).not.toBe(first);
  });
});

function innerSpaces(texts: Map<number, string>): number {
  return [...texts.values()].join('').replaceAll(/[^ ]/gu, '').length;
}
