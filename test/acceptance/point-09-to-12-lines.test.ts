/** Points 9, 10 and 12 of docs/accessibility.md, on the rows themselves: talk at any pace, on a clock of the test's. */
import { describe, expect, test } from 'vitest';
import { CaptionLines } from '../../client-overlay/overlay/caption-lines.ts';
import { DEFAULT_PREFERENCES, readPreferences } from '../../client-overlay/overlay/caption-preferences.ts';
import { type VisibleRow, VisibleRows } from '../../client-overlay/overlay/visible-rows.ts';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { MARIE, PAUL, speak } from '../support/overlay-fixture.ts';

const WORDS =
  'le premier point porte sur les sous-titres en direct que chacun doit pouvoir lire sans effort'.split(' ');
/** 300 words a minute. */
const WORD_MS = 200;

class Screen {
  readonly #lines = new CaptionLines();
  readonly #rows: VisibleRows;

  constructor(lines: number, lineLength: number) {
    this.#rows = new VisibleRows({ lines, fits: (text) => text.length <= lineLength, gapFits: () => true });
  }

  apply(event: CaptionEvent, nowMs: number): void {
    const change = this.#lines.apply(event);
    if (change.type === 'grown') this.#rows.grow(change.utterance, change.before, nowMs);
  }

  at(nowMs: number): readonly VisibleRow[] {
    return this.#rows.at(nowMs).rows;
  }
}

describe('point 9: default ≤3 lines, ≤42 characters/line; 1–6 lines selectable; 300 wpm never exceeds the limit', () => {
  test('the defaults are 3 and 42, and 1–6 can be chosen', () => {
    expect(DEFAULT_PREFERENCES).toMatchObject({ lines: 3, lineLength: 42 });
    const chosen = [0, 1, 6, 7].map((lines) => readPreferences({ lines }).lines);
    expect(chosen).toEqual([1, 1, 6, 6]);
  });

  test.each([1, 2, 3, 4, 5, 6])('%i lines at 300 words a minute', (limit) => {
    const screen = new Screen(limit, 42);
    const talk = speak(1, MARIE);
    screen.apply(talk.opened, 0);
    let [most, longest] = [0, 0];
    for (let word = 0; word < 600; word += 1) {
      screen.apply(talk.say(WORDS[word % WORDS.length] ?? ''), word * WORD_MS);
      const lines = screen.at(word * WORD_MS).filter((row) => row.kind === 'line');
      most = Math.max(most, lines.length);
      longest = Math.max(longest, ...lines.map(({ text }) => text.length));
    }
    expect([most, longest <= 42]).toEqual([limit, true]);
  });
});

describe('point 10: a line stays ≥2 s after its last word; silence clears only after ≥5 s', () => {
  test('at 300 words a minute and three lines', () => {
    const screen = new Screen(3, 42);
    const talk = speak(1, MARIE);
    screen.apply(talk.opened, 0);
    const grewAt = new Map<string, { text: string; atMs: number }>();
    const staysMs: number[] = [];
    for (let word = 0; word < 900; word += 1) {
      const nowMs = word * WORD_MS;
      screen.apply(talk.say(WORDS[word % WORDS.length] ?? ''), nowMs);
      const shown = new Set<string>();
      for (const row of screen.at(nowMs)) {
        if (row.kind !== 'line') continue;
        shown.add(row.key);
        if (grewAt.get(row.key)?.text !== row.text) grewAt.set(row.key, { text: row.text, atMs: nowMs });
      }
      for (const [key, { atMs }] of grewAt) {
        if (shown.has(key)) continue;
        staysMs.push(nowMs - atMs);
        grewAt.delete(key);
      }
    }
    expect(staysMs.length).toBeGreaterThan(50);
    expect(Math.min(...staysMs)).toBeGreaterThanOrEqual(2_000);
  });

  test('one word in silence stays for five seconds, and then goes', () => {
    const screen = new Screen(3, 42);
    const talk = speak(1, MARIE);
    screen.apply(talk.opened, 0);
    screen.apply(talk.say('Bonjour'), 0);
    expect(screen.at(4_999)).toHaveLength(2);
    expect(screen.at(5_000)).toHaveLength(0);
  });
});

test('point 12: two overlapping speakers: separate rows, order by turn start, never swapped', () => {
  const screen = new Screen(3, 42);
  const [marie, paul] = [speak(1, MARIE, 0), speak(2, PAUL, 400)];
  screen.apply(marie.opened, 0);
  screen.apply(paul.opened, 0);
  for (let word = 0; word < 300; word += 1) {
    const speaker = word % 3 === 0 ? paul : marie;
    screen.apply(speaker.say(WORDS[word % WORDS.length] ?? ''), word * WORD_MS);
    const rows = screen.at(word * WORD_MS);
    const names = rows.flatMap((row) => (row.kind === 'name' ? [row.speaker.name] : []));
    expect(names).toEqual(word < 1 ? ['Paul Langevin'] : ['Marie Curie', 'Paul Langevin']);
    const lines = rows.flatMap((row) => (row.kind === 'line' ? [row.utterance] : []));
    expect(lines).toEqual(lines.toSorted());
  }
});
