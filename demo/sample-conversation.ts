/**
 * Sample speakers who take turns in one room, for somebody who has no microphone or no company. Ends when the
 * last person has left, when the room closes, or after ten minutes.
 */
import { type Participant, ParticipantKind, type Room, RoomEvent } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { readFileInThread } from './file-reader.ts';
import { SOURCE_RATE_HZ } from './paced-source.ts';
import { RoomSpeaker, silence } from './room-speaker.ts';
import { type SampleSpeaker, sampleSpeakers } from './sample-speakers.ts';

const LONGEST_MS = 600_000;
/** Somebody who reloads the page comes back to the same conversation. */
const WAIT_FOR_PEOPLE_MS = 15_000;
const PAUSE_MS = 1_200;

export interface ConversationOptions {
  readonly room: string;
  readonly livekitUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export class SampleConversation {
  readonly #options: ConversationOptions;
  readonly #cast = sampleSpeakers();
  readonly #over: Promise<void>;
  #end: () => void = () => {};
  #ended = false;
  #waiting: NodeJS.Timeout | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#over = new Promise((resolve) => {
      this.#end = () => {
        this.#ended = true;
        resolve();
      };
    });
  }

  /** Resolves when everyone has left. Rejects when the room cannot be joined. */
  async run(): Promise<void> {
    const limit = setTimeout(this.#end, LONGEST_MS);
    const speakers: RoomSpeaker[] = [];
    try {
      for (const member of this.#cast) speakers.push(await this.#join(member));
      this.#watchPeople(speakers[0]?.room);
      await Promise.race([this.#takeTurns(speakers), this.#over]);
    } finally {
      clearTimeout(limit);
      clearTimeout(this.#waiting);
      this.#end();
      await Promise.all(speakers.map((speaker) => speaker.leave()));
    }
  }

  /** Idempotent; {@link run} then resolves. */
  end(): void {
    this.#end();
  }

  async #join(member: SampleSpeaker): Promise<RoomSpeaker> {
    const { apiKey, apiSecret, room, livekitUrl } = this.#options;
    const token = new AccessToken(apiKey, apiSecret, {
      identity: member.identity,
      name: member.name,
      ttl: '1m',
    });
    token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: false, canPublishData: false });
    const speaker = await RoomSpeaker.join({ livekitUrl, livekitToken: await token.toJwt() });
    speaker.onRemoved(this.#end);
    return speaker;
  }

  async #takeTurns(speakers: readonly RoomSpeaker[]): Promise<void> {
    for (let turn = 0; !this.#ended; turn++) {
      const member = turn % speakers.length;
      const files = this.#cast[member]?.files ?? [];
      const file = files[Math.floor(turn / speakers.length) % files.length];
      if (file !== undefined)
        await speakers[member]?.speakAtOnce(withPause(readFileInThread(file, SOURCE_RATE_HZ)));
    }
  }

  #watchPeople(room: Room | undefined): void {
    if (room === undefined) return;
    const look = () => {
      clearTimeout(this.#waiting);
      const people = [...room.remoteParticipants.values()].filter((participant) =>
        this.#isPerson(participant),
      );
      if (people.length === 0) this.#waiting = setTimeout(this.#end, WAIT_FOR_PEOPLE_MS);
    };
    room.on(RoomEvent.ParticipantConnected, look);
    room.on(RoomEvent.ParticipantDisconnected, look);
    look();
  }

  #isPerson({ identity, kind }: Participant): boolean {
    return kind === ParticipantKind.STANDARD && !this.#cast.some((member) => member.identity === identity);
  }
}

async function* withPause(pieces: AsyncIterable<Int16Array>): AsyncGenerator<Int16Array> {
  yield* pieces;
  yield silence(PAUSE_MS);
}
