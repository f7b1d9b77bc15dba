import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { CaptionLines } from './caption-lines.ts';
import { SILENCE_CLEARS_MS, type VisibleRow, VisibleRows } from './visible-rows.ts';

const LIMITS = {
  lines: 3,
  fits: (text: string) => text.length <= 42,
  gapFits: (text: string) => text.length <= 56,
};

/** Rows fed through the same transcript as in the element. */
class Screen {
  readonly lines = new CaptionLines();
  readonly rows: VisibleRows;
  #length = new Map<number, number>();

  constructor(limits = LIMITS) {
    this.rows = new VisibleRows(limits);
  }

  open(utterance: number, name: string, startMs: number): this {
    const speaker = { identity: name, name, trackSid: `TR_${name}` };
    this.#apply({ type: 'opened', utterance, speaker, language: 'fr', source: 'machine', startMs }, 0);
    return this;
  }

  say(utterance: number, text: string, nowMs: number): this {
    const offset = this.#length.get(utterance) ?? 0;
    this.#length.set(utterance, offset + text.length);
    this.#apply({ type: 'appended', utterance, offset, text, startMs: nowMs, endMs: nowMs + 100 }, nowMs);
    return this;
  }

  at(nowMs: number): readonly VisibleRow[] {
    return this.rows.at(nowMs).rows;
  }

  /** `Name:` for names, the text of lines, `[text]` for gaps. */
  read(nowMs: number): string[] {
    return this.at(nowMs).map((row) => {
      if (row.kind === 'name') return `${row.speaker.name}:`;
      return row.kind === 'gap' ? `[${row.text}]` : row.text;
    });
  }

  #apply(event: CaptionEvent, nowMs: number): void {
    const change = this.lines.apply(event);
    if (change.type === 'grown') this.rows.grow(change.utterance, change.before, nowMs);
  }
}

const LONG =
  'Le premier point de notre ordre du jour porte sur les sous-titres en direct de nos réunions, que chacun doit pouvoir lire.';

describe('one speaker', () => {
  test('is named once, and the lines roll up without changing', () => {
    const screen = new Screen().open(1, 'Marie', 0);
    const seen = new Map<string, string>();
    for (const [index, word] of LONG.split(' ').entries()) {
      screen.say(1, (index ? ' ' : '') + word, index * 300);
      const rows = screen.at(index * 300);
      expect(rows.filter((row) => row.kind === 'name')).toHaveLength(1);
      const lines = rows.filter((row) => row.kind === 'line');
      expect(lines.length).toBeLessThanOrEqual(3);
      for (const { key, text } of lines) {
        expect(text.startsWith(seen.get(key) ?? '')).toBe(true);
        expect(text.length).toBeLessThanOrEqual(42);
        seen.set(key, text);
      }
    }
    expect([...seen.values()].join(' ')).toBe(LONG);
  });

  test('who goes on after a pause is not named again; who speaks after another is', () => {
    const screen = new Screen()
      .open(1, 'Marie', 0)
      .say(1, 'Bonjour.', 0)
      .open(2, 'Marie', 1_000)
      .say(2, 'Ça va ?', 1_000);
    expect(screen.read(1_000)).toEqual(['Marie:', 'Bonjour.', 'Ça va ?']);
    screen.open(3, 'Paul', 2_000).say(3, 'Oui.', 2_000).open(4, 'Marie', 3_000).say(4, 'Bien.', 3_000);
    expect(screen.read(3_000)).toEqual(['Marie:', 'Ça va ?', 'Paul:', 'Oui.', 'Marie:', 'Bien.']);
  });

  test('the name stays in its row while the turn rolls up under it', () => {
    const screen = new Screen().open(1, 'Marie', 0).say(1, LONG, 0);
    const before = screen.at(0).find((row) => row.kind === 'name')?.key;
    screen.open(2, 'Marie', 5_000).say(2, LONG, 5_000);
    const rows = screen.at(5_000);
    expect(rows.map((row) => row.kind)).toEqual(['name', 'line', 'line', 'line']);
    expect(rows[0]?.key).toBe(before);
  });
});

describe('two who speak at once', () => {
  test('have rows of their own in the order in which they began, and never swap', () => {
    const screen = new Screen()
      .open(1, 'Marie', 0)
      .say(1, 'Je disais', 0)
      .open(2, 'Paul', 500)
      .say(2, 'Pardon', 600);
    for (let turn = 0; turn < 8; turn += 1) {
      screen.say(1 + (turn % 2), ' encore', 700 + turn * 100);
      const names = screen
        .at(700 + turn * 100)
        .flatMap((row) => (row.kind === 'name' ? [row.speaker.name] : []));
      expect(names).toEqual(['Marie', 'Paul']);
    }
  });

  test('roll up together: the line whose last word is oldest goes', () => {
    const screen = new Screen()
      .open(1, 'Marie', 0)
      .say(1, `${'a '.repeat(20)}b`, 0)
      .say(1, ' deuxième', 1_000);
    screen
      .open(2, 'Paul', 900)
      .say(2, 'Oui.', 1_500)
      .say(1, ` ${'c '.repeat(16)}troisième`, 2_000);
    expect(screen.read(2_000)).toEqual([
      'Marie:',
      `deuxième ${'c '.repeat(16).trim()}`,
      'troisième',
      'Paul:',
      'Oui.',
    ]);
  });

  test('who is heard of late but began first stands first', () => {
    const screen = new Screen()
      .open(2, 'Paul', 500)
      .say(2, 'Pardon', 900)
      .open(1, 'Marie', 200)
      .say(1, 'Donc', 1_000);
    expect(screen.read(1_000)).toEqual(['Marie:', 'Donc', 'Paul:', 'Pardon']);
  });
});

describe('time', () => {
  test('silence clears after five seconds and not before', () => {
    const screen = new Screen().open(1, 'Marie', 0).say(1, 'Bonjour', 1_000);
    expect(screen.rows.at(1_000).changesAtMs).toBe(1_000 + SILENCE_CLEARS_MS);
    expect(screen.at(5_999)).toHaveLength(2);
    expect(screen.at(6_000)).toEqual([]);
  });

  test('much text at once stays for as long as it takes to read', () => {
    const screen = new Screen().open(1, 'Marie', 0).say(1, LONG, 0);
    expect(screen.at(7_900)).not.toEqual([]);
    expect(screen.at(9_000)).toEqual([]);
  });

  test('whoever goes on after that begins a new line, with the name', () => {
    const screen = new Screen().open(1, 'Marie', 0).say(1, 'Je réfléchis', 0);
    expect(screen.at(8_000)).toEqual([]);
    screen.say(1, ' toujours', 9_000);
    expect(screen.read(9_000)).toEqual(['Marie:', 'toujours']);
  });

  test('at 300 words a minute a line still stays two seconds after its last word', () => {
    const screen = new Screen().open(1, 'Marie', 0);
    const lastWordAt = new Map<string, number>();
    const words = Array.from({ length: 100 }, (_, index) => `mots${index % 10}`);
    for (const [index, word] of words.entries()) {
      const now = index * 200;
      const before = new Map(
        screen.at(now).flatMap((row) => (row.kind === 'line' ? [[row.key, row.text]] : [])),
      );
      screen.say(1, ` ${word}`, now);
      const after = new Set<string>();
      for (const row of screen.at(now)) {
        if (row.kind !== 'line') continue;
        after.add(row.key);
        if (before.get(row.key) !== row.text) lastWordAt.set(row.key, now);
      }
      for (const key of before.keys()) {
        if (!after.has(key)) expect(now - (lastWordAt.get(key) ?? 0)).toBeGreaterThanOrEqual(2_000);
      }
    }
  });
});

describe('gaps, corrections, room', () => {
  test('a gap stands where it happened and takes a line', () => {
    const screen = new Screen().open(1, 'Marie', 0).say(1, 'Avant', 0);
    screen.rows.addGap({ fromMs: 1_000, text: 'Captions were interrupted here · 4 s missing' }, 1_000);
    screen.open(2, 'Marie', 5_000).say(2, 'Après', 1_500);
    const marker = '[Captions were interrupted here · 4 s missing]';
    expect(screen.read(1_500)).toEqual(['Marie:', 'Avant', marker, 'Marie:', 'Après']);
  });

  test('a correction takes the place of what is on screen and is marked; one of the past is not shown', () => {
    const screen = new Screen().open(1, 'Marie', 0).say(1, 'Bonjour Pole', 0);
    const held = screen.lines.get(1);
    if (!held) throw new Error('nothing held');
    screen.rows.replace({ ...held, text: 'Bonjour Paul', revision: 1 }, 500);
    expect(screen.at(500)).toMatchObject([{ kind: 'name' }, { text: 'Bonjour Paul', corrected: true }]);
    expect(screen.at(9_000)).toEqual([]);
    screen.rows.replace({ ...held, text: 'Bonsoir', revision: 2 }, 9_000);
    expect(screen.at(9_000)).toEqual([]);
  });

  test('less room breaks again what is shown, and brings nothing back that has gone', () => {
    const screen = new Screen().open(1, 'Marie', 0).say(1, LONG, 0);
    const before = screen.read(0);
    screen.rows.relayout({ ...LIMITS, fits: (text) => text.length <= 20, lines: 6 });
    const after = screen.read(0);
    expect(after.every((line) => line.length <= 20)).toBe(true);
    expect(before.slice(1).join(' ').endsWith(after.slice(1).join(' '))).toBe(true);
  });

  test('of more speakers than lines, those who spoke last are shown', () => {
    const screen = new Screen();
    for (let id = 1; id <= 5; id += 1) screen.open(id, `Nr ${id}`, id).say(id, `mot ${id}`, id * 100);
    expect(screen.read(600)).toEqual(['Nr 3:', 'mot 3', 'Nr 4:', 'mot 4', 'Nr 5:', 'mot 5']);
    screen.say(1, ' encore', 700);
    expect(screen.read(700)).toEqual(['Nr 1:', 'mot 1 encore', 'Nr 4:', 'mot 4', 'Nr 5:', 'mot 5']);
  });
});

test('whoever speaks whenever: within the limit, in order, and no shown line changes but at its end', () => {
  const step = fc.record({
    speaker: fc.integer({ min: 0, max: 3 }),
    word: fc.stringMatching(/^[a-z]{1,12}$/),
    waitMs: fc.integer({ min: 0, max: 2_500 }),
    begins: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (steps, lines) => {
      const screen = new Screen({ ...LIMITS, lines });
      const open = new Map<number, number>();
      const seen = new Map<string, string>();
      let now = 0;
      let next = 1;
      for (const { speaker, word, waitMs, begins } of steps) {
        now += waitMs;
        let id = open.get(speaker);
        if (id === undefined || begins) {
          id = next++;
          open.set(speaker, id);
          screen.open(id, `S${speaker}`, now);
        }
        screen.say(id, ` ${word}`, now);
        const rows = screen.at(now);
        const shown = rows.filter((row) => row.kind === 'line');
        expect(shown.length).toBeLessThanOrEqual(lines);
        expect(shown.some((row) => row.utterance === id && row.text.endsWith(word))).toBe(true);
        const order = shown.map((row) => row.utterance);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
        for (const { key, text } of shown) {
          expect(text.startsWith(seen.get(key) ?? '')).toBe(true);
          seen.set(key, text);
        }
      }
    }),
    { numRuns: 200 },
  );
});
