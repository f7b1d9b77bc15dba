/**
 * Captions beside a LiveKit room without any gateway: whatever transcribes the room and publishes `lk.transcription`
 * text streams feeds the element. Takes the room as it is (livekit-client 2), and carries nothing of it.
 *
 *     const stop = feedTranscriptions(room, document.querySelector('surtitre-captions'));
 *
 * Such streams rewrite what they said. Nothing that was read may change, so a word is shown once two versions in a
 * row agree on it or the segment is final; a final text that says otherwise goes on after the words that are shown.
 */
import type { CaptionEvent, CaptionLanguage, Speaker } from '../../protocol/caption-event.ts';

/** What is needed of a `Room` of livekit-client. */
export interface TranscribedRoom {
  readonly localParticipant: TranscribedParticipant;
  readonly remoteParticipants: ReadonlyMap<string, TranscribedParticipant>;
  registerTextStreamHandler(
    topic: string,
    handle: (reader: TextStream, sender: { readonly identity: string }) => void,
  ): void;
  unregisterTextStreamHandler(topic: string): void;
}

export interface TranscribedParticipant {
  readonly identity: string;
  readonly name?: string | undefined;
  readonly trackPublications: ReadonlyMap<string, { readonly trackSid: string }>;
}

interface TextStream {
  readonly info: { readonly id: string; readonly attributes?: Record<string, string> | undefined };
  readAll(): Promise<string>;
}

export interface FedElement {
  feed(events: readonly CaptionEvent[]): void;
}

interface Segment {
  readonly utterance: number;
  readonly speaker: Speaker;
  readonly startMs: number;
  /** Words of the version before this one. */
  before: readonly string[];
  /** How many words are shown, and how many characters they are. */
  words: number;
  length: number;
}

const TOPIC = 'lk.transcription';
/** Segments that never became final; the oldest go. */
const MAX_OPEN = 500;
/** Finished segments, whose late versions are to be left out. */
const MAX_DONE = 1_000;

/** Feeds `captions` until the function that it returns is called. `language`: of segments that do not tell theirs. */
export function feedTranscriptions(
  room: TranscribedRoom,
  captions: FedElement,
  { language = 'en' }: { readonly language?: CaptionLanguage } = {},
): () => void {
  const open = new Map<string, Segment>();
  const done = new Set<string>();
  let utterances = 0;
  let stopped = false;
  const handleVersion = (
    key: string,
    text: string,
    { info, identity }: { info: TextStream['info']; identity: string },
  ) => {
    const { attributes = {} } = info;
    if (stopped || done.has(key)) return;
    const nowMs = Date.now();
    const final = attributes['lk.transcription_final'] === 'true';
    const words = text.split(/\s+/).filter((word) => word !== '');
    const events: CaptionEvent[] = [];
    let segment = open.get(key);
    if (!segment) {
      const speaker = speakerOf(room, attributes['lk.transcribed_track_id'], identity);
      segment = { utterance: ++utterances, speaker, startMs: nowMs, before: [], words: 0, length: 0 };
      open.set(key, segment);
      forgetOldest(open, MAX_OPEN);
      const { utterance } = segment;
      const spoken = languageOf(attributes['lk.language'] ?? attributes.language) ?? language;
      events.push({
        type: 'opened',
        utterance,
        speaker,
        language: spoken,
        source: 'machine',
        startMs: nowMs,
      });
    }
    const agreed = final ? words.length : agreement(segment.before, words);
    segment.before = words;
    if (agreed > segment.words) {
      const tail = words.slice(segment.words, agreed).join(' ');
      const piece = segment.length === 0 ? tail : ` ${tail}`;
      const { utterance, length: offset } = segment;
      events.push({ type: 'appended', utterance, offset, text: piece, startMs: nowMs, endMs: nowMs });
      segment.words = agreed;
      segment.length += piece.length;
    }
    if (final) {
      events.push({ type: 'closed', utterance: segment.utterance, length: segment.length, endMs: nowMs });
      open.delete(key);
      done.add(key);
      forgetOldest(done, MAX_DONE);
    }
    captions.feed(events);
  };
  room.registerTextStreamHandler(TOPIC, (reader, { identity }) => {
    const { info } = reader;
    const key = info.attributes?.['lk.segment_id'] ?? info.id;
    reader.readAll().then(
      (text) => handleVersion(key, text, { info, identity }),
      () => {}, // the sender left in the middle; another version of the segment comes or does not
    );
  });
  captions.feed([{ type: 'status', state: 'live', sinceMs: Date.now() }]);
  return () => {
    stopped = true;
    room.unregisterTextStreamHandler(TOPIC);
  };
}

/** Who owns the transcribed track; the sender, which is an agent more often than not, only where none is named. */
function speakerOf(room: TranscribedRoom, trackSid: string | undefined, sender: string): Speaker {
  const participants = [room.localParticipant, ...room.remoteParticipants.values()];
  const owner =
    participants.find(({ trackPublications }) =>
      [...trackPublications.values()].some((publication) => publication.trackSid === trackSid),
    ) ?? participants.find(({ identity }) => identity === sender);
  const identity = owner?.identity ?? sender;
  return { identity, name: owner?.name || identity, trackSid: trackSid ?? identity };
}

function agreement(before: readonly string[], now: readonly string[]): number {
  let count = 0;
  while (count < before.length && count < now.length && before[count] === now[count]) count += 1;
  return count;
}

function languageOf(tag: string | undefined): CaptionLanguage | null {
  const primary = tag?.toLowerCase().split('-')[0];
  return primary === 'fr' || primary === 'en' ? primary : null;
}

function forgetOldest(kept: Map<string, unknown> | Set<string>, atMost: number): void {
  const [oldest] = kept.keys();
  if (kept.size > atMost && oldest !== undefined) kept.delete(oldest);
}
