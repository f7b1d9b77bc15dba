import { expect, it } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { MachineHold } from './machine-hold.ts';

const opened = (utterance: number, identity = 'p-ana', startMs = 0): CaptionEvent => ({
  type: 'opened',
  utterance,
  speaker: { identity, name: identity, trackSid: 'TR' },
  language: 'fr',
  source: 'machine',
  startMs,
});
const appended = (utterance: number, offset: number, text: string, startMs = 0): CaptionEvent => ({
  type: 'appended',
  utterance,
  offset,
  text,
  startMs,
  endMs: startMs + 10,
});
const closed = (utterance: number, length: number): CaptionEvent => ({
  type: 'closed',
  utterance,
  length,
  endMs: 99,
});

it('lets everything through, as the same array, while nobody writes', () => {
  const events = [opened(1), appended(1, 0, 'un')];
  expect(new MachineHold().filter(events)).toBe(events);
});

it('keeps a whole turn back while a person captions the room', () => {
  const hold = new MachineHold();
  hold.hold('captioner-1', null);
  expect(hold.filter([opened(1), appended(1, 0, 'un')])).toEqual([]);
  expect(hold.filter([closed(1, 2)])).toEqual([]);
  expect(hold.holdsRoom).toBe(true);
});

it('keeps only the chosen speaker back', () => {
  const hold = new MachineHold();
  hold.hold('captioner-1', 'p-ana');
  expect(hold.filter([opened(1), opened(2, 'p-bo')])).toEqual([opened(2, 'p-bo')]);
  expect(hold.holdsRoom).toBe(false);
});

it('shows the rest of a turn from the next whole word on once the person has stopped', () => {
  const hold = new MachineHold();
  hold.hold('captioner-1', null);
  hold.filter([opened(1), appended(1, 0, 'un deux tro')]);
  expect(hold.release('captioner-1')).toBe(true);
  expect(hold.filter([appended(1, 11, 'is', 5)])).toEqual([]);
  expect(hold.filter([appended(1, 13, ' quatre', 7), appended(1, 20, ' cinq', 8)])).toEqual([
    opened(1, 'p-ana', 7),
    appended(1, 0, 'quatre', 7),
    appended(1, 6, ' cinq', 8),
  ]);
  expect(hold.filter([closed(1, 25)])).toEqual([closed(1, 11)]);
});

it('does not tell of gaps in what nobody was shown', () => {
  const hold = new MachineHold();
  hold.hold('captioner-1', 'p-ana');
  const gap = (identity: string | null): CaptionEvent => ({
    type: 'gap',
    identity,
    fromMs: 1,
    toMs: 2,
    reason: 'overload',
  });
  expect(hold.filter([gap('p-ana'), gap(null)])).toEqual([gap(null)]);
});

it('goes on while one of two captioners still writes', () => {
  const hold = new MachineHold();
  hold.hold('captioner-1', null);
  hold.hold('captioner-2', null);
  hold.release('captioner-1');
  expect(hold.filter([opened(1)])).toEqual([]);
});
