/**
 * The agent as a participant of one room: joins, listens, leaves. Owns the rtc-node room; rtc-node reconnects by
 * itself for as long as it can, and `onEnded` comes once when the connection is over for good.
 */
import { DisconnectReason, type LocalParticipant, Room, RoomEvent } from '@livekit/rtc-node';
import { nowMs } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { agentErrors } from '../errors.ts';
import { AudioSubscriptions, type MicrophoneListener } from './audio-subscriptions.ts';
import { offRecordIn } from './off-record.ts';
import { releaseRoom } from './release-room.ts';
import type { RoomAccess } from './worker-socket.ts';

const JOIN_DEADLINE_MS = 15_000;
/** A connection that is broken may not answer at all. */
const LEAVE_DEADLINE_MS = 1_000;

/** `over`: the room or our place in it is gone and that was meant. `lost`: it was not. */
export type RoomEnd = 'over' | 'lost';

const MEANT: ReadonlySet<DisconnectReason> = new Set([
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.DUPLICATE_IDENTITY,
  DisconnectReason.PARTICIPANT_REMOVED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.ROOM_CLOSED,
]);

export interface RoomConnectionOptions {
  readonly listener: MicrophoneListener;
  readonly log: Logger;
  /** Not called after {@link RoomConnection.leave}. */
  readonly onEnded: (end: RoomEnd) => void;
}

export class RoomConnection {
  readonly #room = new Room();
  readonly #subscriptions: AudioSubscriptions;
  readonly #log: Logger;
  #reconnectingSinceMs: number | null = null;
  #state: 'idle' | 'joining' | 'joined' | 'left' = 'idle';

  constructor({ listener, log, onEnded }: RoomConnectionOptions) {
    this.#log = log;
    // Every remote track listens for token refreshes: more than Node's ten in any larger meeting.
    this.#room.setMaxListeners(0);
    this.#subscriptions = new AudioSubscriptions({ room: this.#room, listener, log });
    this.#room.on(RoomEvent.Reconnecting, () => {
      this.#reconnectingSinceMs = nowMs();
      log.info('reconnecting to the room');
    });
    // After the subscriptions' own listener, which asks for all microphones again.
    this.#room.on(RoomEvent.Reconnected, () => {
      this.#reconnectingSinceMs = null;
      log.info('reconnected to the room');
    });
    this.#room.on(RoomEvent.RoomMetadataChanged, (metadata) => this.#obey(metadata));
    this.#room.on(RoomEvent.Disconnected, (reason) => {
      if (this.#state === 'left') return;
      this.#state = 'left';
      this.#subscriptions.close();
      log.info({ reason: DisconnectReason[reason] }, 'disconnected from the room');
      // In a turn of its own: rtc-node is still telling its listeners.
      setImmediate(() => releaseRoom(this.#room));
      onEnded(MEANT.has(reason) ? 'over' : 'lost');
    });
  }

  /** How long rtc-node has been restoring a broken connection; 0 while it stands. */
  get reconnectingForMs(): number {
    return this.#reconnectingSinceMs === null ? 0 : nowMs() - this.#reconnectingSinceMs;
  }

  /** Null unless joined. */
  get localParticipant(): LocalParticipant | null {
    return this.#state === 'joined' ? (this.#room.localParticipant ?? null) : null;
  }

  /** Rejects with a {@link SurtitreError} when the room cannot be joined, also when it was left meanwhile. */
  async join({ url, token }: RoomAccess): Promise<void> {
    this.#state = 'joining';
    const connecting = this.#room.connect(url, token, { autoSubscribe: false, dynacast: false });
    try {
      await within(JOIN_DEADLINE_MS, connecting);
    } catch (cause) {
      // A connection that succeeds after we gave up would stay in the room unseen.
      connecting.then(
        () => this.#room.disconnect(),
        () => {},
      );
      throw agentErrors.joinFailed(cause);
    }
    if (this.#hasLeft()) {
      await this.#room.disconnect();
      throw agentErrors.joinFailed(new Error('the job ended before the agent had joined'));
    }
    this.#state = 'joined';
    this.#obey(this.#room.metadata);
    this.#subscriptions.walk();
  }

  /** Idempotent. */
  async leave(): Promise<void> {
    if (this.#state === 'left') return;
    const wasJoined = this.#state === 'joined';
    this.#state = 'left';
    this.#subscriptions.close();
    if (!wasJoined) return;
    try {
      await within(LEAVE_DEADLINE_MS, this.#room.disconnect());
    } catch (error) {
      this.#log.warn({ err: error }, 'leaving the room failed');
    }
  }

  #obey(metadata: string | undefined): void {
    const isOffRecord = offRecordIn(metadata);
    if (isOffRecord) this.#log.info('the room is off the record: nothing is heard');
    this.#subscriptions.setPaused(isOffRecord);
  }

  /** A method, so that the compiler does not take the state before an `await` for the one after it. */
  #hasLeft(): boolean {
    return this.#state === 'left';
  }
}

async function within<T>(deadlineMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}
