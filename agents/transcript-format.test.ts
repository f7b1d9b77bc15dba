import { expect, test } from 'vitest';
import { TranscriptBuilder } from './transcript-builder.ts';
import { formatJson, formatSrt, formatText, formatVtt } from './transcript-format.ts';

function built() {
  const builder = new TranscriptBuilder();
  builder.add(
    [
      { type: 'text', text: 'Vrai', startMs: 1_000, endMs: 1_400, language: 'fr' },
      { type: 'text', text: ' <ou>', startMs: 1_400, endMs: 1_800, language: 'fr' },
    ],
    2_000,
  );
  builder.add(
    [
      { type: 'text', text: ', faux', startMs: 1_800, endMs: 3_725_004, language: 'fr' },
      { type: 'end', endMs: 3_725_004 },
      { type: 'text', text: 'Oui.', startMs: 3_726_000, endMs: 3_726_500, language: 'fr' },
    ],
    3_727_000,
  );
  return { file: 'a.wav', durationMs: 3_727_000, utterances: builder.utterances };
}

test('pieces without a space continue the word before', () => {
  expect(built().utterances.map((utterance) => utterance.words.map((word) => word.text))).toEqual([
    ['Vrai', '<ou>, faux'],
    ['Oui.'],
  ]);
});

test('each format is what its readers expect', () => {
  const transcript = built();
  expect(formatText(transcript)).toBe('Vrai <ou>, faux\nOui.\n');
  expect(formatVtt(transcript)).toBe(
    'WEBVTT\n\n00:00:01.000 --> 00:00:01.400\nVrai\n\n00:00:01.400 --> 01:02:05.004\n&lt;ou&gt;, faux\n\n' +
      '01:02:06.000 --> 01:02:06.500\nOui.\n',
  );
  expect(formatSrt(transcript)).toContain('3\n01:02:06,000 --> 01:02:06,500\nOui.\n');
  expect(JSON.parse(formatJson([transcript]))).toMatchObject({
    files: [{ file: 'a.wav', text: 'Vrai <ou>, faux Oui.', utterances: [{ language: 'fr' }, {}] }],
  });
});
