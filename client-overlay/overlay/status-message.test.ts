import { describe, expect, test } from 'vitest';
import { interfaceLanguage } from './interface-language.ts';
import { messagesIn } from './messages.ts';
import { type StatusFacts, statusKind } from './status-message.ts';

const LIVE: StatusFacts = {
  active: true,
  connection: { state: 'open' },
  everOpen: true,
  captions: 'live',
  anyWords: true,
  activeForMs: 60_000,
  captionsForMs: 60_000,
  lostForMs: 60_000,
};
const SWITCHED_ON = { everOpen: false, captions: null, anyWords: false, activeForMs: 0, captionsForMs: 0 };

describe('what a viewer is told', () => {
  const cases: [string, Partial<StatusFacts>, string][] = [
    ['nothing while words come', {}, 'none'],
    [
      'nothing when it is back at once',
      { connection: { state: 'connecting', attempt: 1 }, lostForMs: 300 },
      'none',
    ],
    ['nothing when captions are off', { active: false, connection: { state: 'idle' } }, 'none'],
    [
      'that captions start, at once',
      { ...SWITCHED_ON, connection: { state: 'connecting', attempt: 0 } },
      'starting',
    ],
    [
      'that the start is slow',
      { ...SWITCHED_ON, captions: 'starting', activeForMs: 6_000, captionsForMs: 6_000 },
      'slow-start',
    ],
    ['that captions are on though nobody speaks', { anyWords: false, captionsForMs: 100 }, 'listening'],
    ['and not for ever', { anyWords: false }, 'none'],
    [
      'that the gateway cannot be reached',
      { ...SWITCHED_ON, connection: { state: 'waiting', attempt: 1, cause: 'retry' } },
      'unreachable',
    ],
    [
      'so also during the next attempt',
      { ...SWITCHED_ON, connection: { state: 'connecting', attempt: 1 } },
      'unreachable',
    ],
    [
      'that the connection was lost',
      { connection: { state: 'waiting', attempt: 1, cause: 'retry' } },
      'reconnecting',
    ],
    [
      'that a new token is needed',
      { connection: { state: 'waiting', attempt: 1, cause: 'token' } },
      'token-needed',
    ],
    ['that captions are interrupted', { captions: 'interrupted' }, 'interrupted'],
    ['that no agent can be had', { captions: 'unavailable' }, 'unavailable'],
    ['that the host switched them off', { captions: 'off' }, 'off'],
    ['that the meeting is over', { connection: { state: 'stopped', cause: 'room-closed' } }, 'room-closed'],
    ['that an error stopped them', { connection: { state: 'stopped', cause: 'refused' } }, 'stopped'],
  ];
  test.each(cases)('%s', (_name, facts, kind) => {
    expect(statusKind({ ...LIVE, ...facts })).toBe(kind);
  });
});

describe('languages', () => {
  test('the first French or English tag wins, English when there is none', () => {
    expect(interfaceLanguage('', undefined, 'fr-CA', 'en')).toBe('fr');
    expect(interfaceLanguage('de', 'EN-gb', 'fr')).toBe('en');
    expect(interfaceLanguage('de')).toBe('en');
  });

  test('both say something for every status, and not the same', () => {
    const [french, english] = [messagesIn('fr'), messagesIn('en')];
    for (const [kind, message] of Object.entries(french.status)) {
      if (kind === 'none') continue;
      expect(message).not.toBe('');
      expect(message).not.toBe(english.status[kind as keyof typeof english.status]);
    }
  });

  test('gaps are told in words', () => {
    expect(messagesIn('en').gap(4, null)).toBe('Captions were interrupted here · 4 s missing');
    expect(messagesIn('fr').gap(4, null)).toBe('Sous-titres interrompus ici · 4 s manquantes');
    expect(messagesIn('fr').gap(1, 'Léa')).toBe('Sous-titres de Léa interrompus ici · 1 s manquante');
  });
});
