import { beforeEach, describe, expect, test } from 'vitest';
import type { CaptionEvent, CaptionGap, Speaker, UtteranceRestored } from '../../protocol/caption-event.ts';
import { CaptionFeed } from './caption-feed.ts';
import type { CaptionWelcome } from './caption-socket.ts';
import type { CaptionUtterance } from './caption-utterance.ts';

const MARIE: Speaker = { identity: 'marie', name: 'Marie', trackSid: 'TR_marie' };
const LIMITS = { lines: 3, fits: (text: string) => text.length <= 42, gapFits: () => true };
const NOW_MS = 1_000_000;

let feed: CaptionFeed;
let gaps: CaptionGap[];
let finished: CaptionUtterance[];
let askedFor: number;

beforeEach(() => {
  gaps = [];
  finished = [];
  askedFor = 0;
  feed = new CaptionFeed(LIMITS, {
    onChange: () => {},
    onStatus: () => {},
    onGap: (gap) => gaps.push(gap),
    onFinished: (utterance) => finished.push(utterance),
    onIncomplete: () => {
      askedFor += 1;
    },
    gapText: (gap, name) => `${name ?? 'all'}: ${gap.toMs - gap.fromMs} ms`,
  });
});

function restored(utterance: number, startMs: number, text: string): UtteranceRestored {
  const endMs = startMs + 1_000;
  const wordTimes = text.split(' ').flatMap(() => [0, 1_000]);
  const voice = { speaker: MARIE, language: 'fr', source: 'machine' } as const;
  return { type: 'restored', utterance, ...voice, startMs, endMs, text, wordTimes, revision: 0 };
}

function welcome(events: readonly CaptionEvent[], about: Partial<CaptionWelcome> = {}): void {
  const rest = { serverMs: NOW_MS, recovered: true, renumbered: false, ...about };
  feed.handleDelivery({ events, times: null, welcome: rest });
}

function screen(): string[] {
  return feed.rows
    .at(performance.now())
    .rows.map((row) => (row.kind === 'name' ? `${row.speaker.name}:` : row.text));
}

describe('who comes late', () => {
  test('has the whole history, but on screen only what was just said', () => {
    welcome([restored(1, NOW_MS - 60_000, 'Il y a longtemps.'), restored(2, NOW_MS - 4_000, 'À l’instant.')]);
    expect(feed.lines.utterances).toHaveLength(2);
    expect(screen()).toEqual(['Marie:', 'À l’instant.']);
  });

  test('is told of no gap, and nothing is read out', () => {
    welcome([restored(1, NOW_MS - 4_000, 'À l’instant.')], { recovered: false });
    expect(gaps).toEqual([]);
    expect(finished).toEqual([]);
  });
});

describe('who comes back', () => {
  beforeEach(() => welcome([restored(1, NOW_MS - 9_000, 'Avant.')]));

  test('gets what was missed, in order, and hears it read out', () => {
    welcome([restored(3, NOW_MS - 2_000, 'Après.'), restored(2, NOW_MS - 5_000, 'Pendant.')]);
    expect(screen()).toEqual(['Marie:', 'Avant.', 'Pendant.', 'Après.']);
    expect(finished.map(({ text }) => text)).toEqual(['Après.', 'Pendant.']);
  });

  test('sees a gap up to the next thing held when something is lost', () => {
    welcome([restored(2, NOW_MS - 3_000, 'Après.')], { recovered: false });
    expect(gaps).toMatchObject([{ fromMs: NOW_MS - 8_000, toMs: NOW_MS - 3_000, reason: 'captions-lost' }]);
    expect(screen()).toEqual(['Marie:', 'Avant.', 'all: 5000 ms', 'Marie:', 'Après.']);
  });

  test('sees none where another gateway lacks only what was seen before', () => {
    const events = [restored(1, NOW_MS - 9_000, 'Avant.'), restored(2, NOW_MS - 3_000, 'Après.')];
    welcome(events, { recovered: false, renumbered: true });
    expect(gaps).toEqual([]);
  });
});

test('a gap of one speaker bears the name', () => {
  feed.handleEvents([restored(1, 0, 'Bonjour.')]);
  feed.handleEvents([{ type: 'gap', identity: 'marie', fromMs: 2_000, toMs: 3_000, reason: 'overload' }]);
  expect(screen().at(-1)).toBe('Marie: 1000 ms');
});

test('asks once for an utterance whose beginning is missing', () => {
  const piece = { type: 'appended', utterance: 9, startMs: 0, endMs: 1 } as const;
  feed.handleEvents([{ ...piece, offset: 5, text: ' tard' }]);
  feed.handleEvents([{ ...piece, offset: 10, text: ' encore' }]);
  expect(askedFor).toBe(1);
});

test('words wait for a frame, each once, and a page that paints none keeps only the newest', () => {
  for (let id = 1; id <= 600; id += 1) feed.handleEvents([restored(id, id, `mot ${id}`)]);
  const words = feed.takeWords();
  expect(words).toHaveLength(500);
  expect(words.at(-1)).toMatchObject({ utterance: 600, identity: 'marie', offset: 0, text: 'mot 600' });
  expect(feed.takeWords()).toEqual([]);
});
