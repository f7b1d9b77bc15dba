/**
 * Captions for clients that know only LiveKit's transcriptions: La Suite Meet (the legacy packet) and everything
 * built on `lk.transcription` text streams. Sends phrases in order, one room each; a slow or broken connection
 * costs the oldest waiting phrases, which are counted, never the captions of our own viewers.
 */
import type { LocalParticipant } from '@livekit/rtc-node';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import type { Logger } from '../../runtime/log.ts';
import { type Phrase, TranscriptionPhrases } from '../captions/transcription-phrases.ts';

const TOPIC = 'lk.transcription';
/** Some ten seconds of a lively room. */
const MAX_WAITING = 64;

export interface TranscriptionPublisherOptions {
  /** Null while not joined: phrases are then dropped. */
  readonly participant: () => LocalParticipant | null;
  readonly log: Logger;
  readonly onDropped: (count: number) => void;
}

export class TranscriptionPublisher {
  readonly #options: TranscriptionPublisherOptions;
  readonly #phrases = new TranscriptionPhrases();
  readonly #waiting: Phrase[] = [];
  #sending = false;

  constructor(options: TranscriptionPublisherOptions) {
    this.#options = options;
  }

  handleEvents(events: readonly CaptionEvent[]): void {
    // A receiver in the room aborts on a transcription without a track, see docs/decisions.
    this.#waiting.push(...this.#phrases.take(events).filter((phrase) => phrase.speaker.trackSid !== ''));
    const excess = this.#waiting.length - MAX_WAITING;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.#options.onDropped(excess);
    }
    if (!this.#sending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    for (let phrase = this.#waiting.shift(); phrase; phrase = this.#waiting.shift()) {
      const participant = this.#options.participant();
      try {
        if (participant)
          await Promise.all([publishLegacy(participant, phrase), publishText(participant, phrase)]);
        else this.#options.onDropped(1);
      } catch (error) {
        this.#options.onDropped(1);
        this.#options.log.debug({ err: error }, 'publishing a transcription failed');
      }
    }
    this.#sending = false;
  }
}

/** Receivers show a segment once and never again: a fresh id and `final` for each phrase. */
async function publishLegacy(participant: LocalParticipant, phrase: Phrase): Promise<void> {
  if (phrase.text === '') return;
  await participant.publishTranscription({
    participantIdentity: phrase.speaker.identity,
    trackSid: phrase.speaker.trackSid,
    segments: [
      {
        id: `${phrase.utterance}-${phrase.index}`,
        text: phrase.text,
        startTime: BigInt(Math.round(phrase.startMs)),
        endTime: BigInt(Math.round(phrase.endMs)),
        language: phrase.language,
        final: true,
      },
    ],
  });
}

/** Each version of an utterance is a stream of its own with the same segment id; the last one says `final`. */
async function publishText(participant: LocalParticipant, phrase: Phrase): Promise<void> {
  const writer = await participant.streamText({
    topic: TOPIC,
    // Hidden agents have no identity that a receiver knows; the speaker's is what it should see anyway.
    senderIdentity: phrase.speaker.identity,
    attributes: {
      'lk.segment_id': String(phrase.utterance),
      'lk.transcription_final': String(phrase.final),
      'lk.transcribed_track_id': phrase.speaker.trackSid,
    },
  });
  await writer.write(phrase.textSoFar);
  await writer.close();
}
