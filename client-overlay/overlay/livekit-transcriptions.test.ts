import { beforeEach, expect, test } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { CaptionLines } from './caption-lines.ts';
import { feedTranscriptions, type TranscribedRoom } from './livekit-transcriptions.ts';

type Handler = Parameters<TranscribedRoom['registerTextStreamHandler']>[1];

let lines: CaptionLines;
let handle: Handler;
let stop: () => void;

beforeEach(() => {
  lines = new CaptionLines();
  const participant = (identity: string, name: string, trackSid: string) => ({
    identity,
    name,
    trackPublications: new Map([[trackSid, { trackSid }]]),
  });
  const room: TranscribedRoom = {
    localParticipant: participant('me', 'Me', 'TR_me'),
    remoteParticipants: new Map([['marie', participant('marie', 'Marie Curie', 'TR_marie')]]),
    registerTextStreamHandler: (_topic, handler) => {
      handle = handler;
    },
    unregisterTextStreamHandler: () => {},
  };
  stop = feedTranscriptions(room, {
    feed: (events: readonly CaptionEvent[]) => {
      for (const event of events) lines.apply(event);
    },
  });
});

async function version(text: string, attributes: Record<string, string>): Promise<void> {
  handle({ info: { id: 'stream', attributes }, readAll: async () => text }, { identity: 'agent-7' });
  await Promise.resolve();
  await Promise.resolve();
}

const part = {
  'lk.segment_id': 'S1',
  'lk.transcribed_track_id': 'TR_marie',
  'lk.transcription_final': 'false',
};
const whole = { ...part, 'lk.transcription_final': 'true' };
const said = () => lines.utterances.map(({ text, endMs }) => [text, endMs !== null]);

test('the speaker is who owns the transcribed track, never the agent that sent it', async () => {
  await version('Bonjour', whole);
  expect(lines.utterances[0]?.speaker).toEqual({
    identity: 'marie',
    name: 'Marie Curie',
    trackSid: 'TR_marie',
  });
});

test('a word is shown once two versions agree on it, the rest when the segment is final', async () => {
  await version('Le bon', part);
  expect(said()).toEqual([['', false]]);
  await version('Le budget est', part);
  expect(said()).toEqual([['Le', false]]);
  await version('Le budget est voté.', part);
  expect(said()).toEqual([['Le budget est', false]]);
  await version('Le budget est voté. Merci.', whole);
  expect(said()).toEqual([['Le budget est voté. Merci.', true]]);
});

test('what was shown stays, whatever the final version says of it', async () => {
  await version('Le budget', part);
  await version('Le budget est', part);
  await version('Un objet est voté', whole);
  expect(said()).toEqual([['Le budget est voté', true]]);
});

test('a final segment that comes again, and versions after it, change nothing', async () => {
  await version('Bonjour', whole);
  await version('Bonjour', whole);
  await version('Bonjour à tous', part);
  expect(said()).toEqual([['Bonjour', true]]);
});

test('after it was stopped nothing is fed', async () => {
  stop();
  await version('Bonjour', whole);
  expect(lines.utterances).toEqual([]);
});
