/** An ordinary participant of a meeting whose microphone is a {@link PacedSource}. */
import { LocalAudioTrack, Room, RoomEvent, TrackPublishOptions, TrackSource } from '@livekit/rtc-node';
import { SurtitreError } from '../runtime/errors.ts';
import { type CapturedListener, PacedSource, SOURCE_RATE_HZ, type SpokenSpan } from './paced-source.ts';

/** Quiet around what is spoken: a receiver needs it to find its level, and a model to end its last sentence. */
const BEFORE_MS = 1_000;
const AFTER_MS = 2_000;

export interface RoomAccess {
  readonly livekitUrl: string;
  readonly livekitToken: string;
}

export class RoomSpeaker {
  readonly room: Room;
  readonly #source: PacedSource;
  #left = false;

  private constructor(room: Room, source: PacedSource) {
    this.room = room;
    this.#source = source;
  }

  /** Joins and publishes; the microphone is on (and silent) when this resolves. */
  static async join(access: RoomAccess, onCaptured?: CapturedListener): Promise<RoomSpeaker> {
    const room = new Room();
    const source = new PacedSource(onCaptured);
    try {
      await room.connect(access.livekitUrl, access.livekitToken, { autoSubscribe: false, dynacast: false });
      const track = LocalAudioTrack.createAudioTrack('microphone', source.source);
      const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
      await room.localParticipant?.publishTrack(track, options);
    } catch (cause) {
      await source.close();
      await room.disconnect();
      throw new SurtitreError(
        'room-unreachable',
        'A speaker could not join the room: is the media server up?',
        {
          cause,
          retryable: true,
        },
      );
    }
    source.start();
    return new RoomSpeaker(room, source);
  }

  get identity(): string {
    return this.room.localParticipant?.identity ?? '';
  }

  /** Whether the server still has this speaker in the room. */
  get isConnected(): boolean {
    return this.room.isConnected;
  }

  /** Called once when the server ends the stay (room closed, removed). Not after {@link leave}. */
  onRemoved(listener: () => void): void {
    this.room.once(RoomEvent.Disconnected, () => {
      if (!this.#left) listener();
    });
  }

  /** Speaks a second from now; resolves with the span of the speech two seconds after its end. */
  async speak(pieces: AsyncIterable<Int16Array>): Promise<SpokenSpan> {
    const span = await this.#source.speak(surrounded(pieces));
    return { startMs: span.startMs + BEFORE_MS, endMs: span.endMs - AFTER_MS };
  }

  /** Speaks without the quiet around it. */
  speakAtOnce(pieces: AsyncIterable<Int16Array>): Promise<SpokenSpan> {
    return this.#source.speak(pieces);
  }

  /** Idempotent. */
  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await this.#source.close();
    await this.room.disconnect();
  }
}

async function* surrounded(pieces: AsyncIterable<Int16Array>): AsyncGenerator<Int16Array> {
  yield silence(BEFORE_MS);
  yield* pieces;
  yield silence(AFTER_MS);
}

export function silence(durationMs: number): Int16Array {
  return new Int16Array((durationMs * SOURCE_RATE_HZ) / 1_000);
}
