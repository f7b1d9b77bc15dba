import { expect, it } from 'vitest';
import type { CaptionsWord } from '../../../overlay/captions-events.ts';
import { CaptionDelays } from './caption-delays.ts';

const AUDIO_MS = 1_700_000_000_000;

/** A word that began `beganMs` before the newest sound of its frame. */
function word(beganMs: number, about: Partial<CaptionsWord> = {}): CaptionsWord {
  return {
    ...{ utterance: 1, identity: 'ana', offset: 0, text: 'word', endMs: AUDIO_MS },
    startMs: AUDIO_MS - beganMs,
    receivedAt: 5_000,
    shownAt: 5_010,
    times: {
      audioMs: AUDIO_MS,
      readUs: 1_000,
      gatheredUs: 20_000,
      steppedUs: 60_000,
      sentUs: 61_000,
      receivedUs: 62_000,
      publishedUs: 63_000,
    },
    ...about,
  };
}

it('knows nothing before the first word, and nothing of words that bring no times', () => {
  const delays = new CaptionDelays();
  delays.handleWord(word(500, { times: null }));
  expect(delays.summary()).toBeNull();
});

it('splits the delay of a word into recognising, sending and painting', () => {
  const delays = new CaptionDelays();
  delays.handleWord(word(500));
  expect(delays.summary()).toEqual({
    words: 1,
    recognised: { p50: 560, p95: 560 },
    sent: { p50: 3, p95: 3 },
    painted: { p50: 10, p95: 10 },
    total: { p50: 573, p95: 573 },
  });
});

it('tells the median and the slow ones, of the newest words only', () => {
  const delays = new CaptionDelays();
  for (let late = 0; late < 50; late += 1) delays.handleWord(word(100_000));
  for (let each = 1; each <= 200; each += 1) delays.handleWord(word(each * 10));
  expect(delays.summary()).toMatchObject({ words: 200, recognised: { p50: 1_060, p95: 1_960 } });
});
