import { describe, expect, it } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { TranscriptionPhrases } from './transcription-phrases.ts';

const speaker = { identity: 'ada', name: 'Ada', trackSid: 'TR_1' };
const opened: CaptionEvent = {
  type: 'opened',
  utterance: 1,
  speaker,
  language: 'en',
  source: 'machine',
  startMs: 0,
};
const appended = (text: string, offset: number, startMs: number): CaptionEvent => ({
  type: 'appended',
  utterance: 1,
  offset,
  text,
  startMs,
  endMs: startMs + 100,
});

describe('transcription phrases', () => {
  it('hold whole words: the last one waits for the next or for the end', () => {
    const phrases = new TranscriptionPhrases();
    expect(phrases.take([opened, appended('good', 0, 0), appended(' mor', 4, 200)])).toMatchObject([
      { index: 0, text: 'good', textSoFar: 'good', final: false },
    ]);
    expect(phrases.take([appended('ning', 8, 300)])).toEqual([]);
    expect(phrases.take([{ type: 'closed', utterance: 1, length: 12, endMs: 500 }])).toMatchObject([
      { index: 1, text: 'morning', textSoFar: 'good morning', final: true },
    ]);
  });

  it('tell an utterance that opens and closes in one step as one phrase', () => {
    const events = [opened, appended('yes', 0, 0), { type: 'closed', utterance: 1, length: 3, endMs: 200 }];
    expect(new TranscriptionPhrases().take(events as CaptionEvent[])).toMatchObject([
      { text: 'yes', startMs: 0, endMs: 100, final: true },
    ]);
  });

  it('ignore what belongs to no open utterance', () => {
    expect(new TranscriptionPhrases().take([appended('x', 0, 0)])).toEqual([]);
  });
});
