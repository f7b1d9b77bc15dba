/**
 * Decides which audio of a room is received, and tells when a microphone can be heard. Receiving costs the agent
 * about 8 ms of CPU per second and track even when nobody reads it, so muted tracks are let go, but only after a
 * while: subscribing takes some 200 ms, and who unmutes to interject must not lose the first word.
 *
 * Invariant: a microphone is heard at most once at a time; `onUnheard` comes before it is heard again.
 */
import {
  EncryptionType,
  type Participant,
  type RemoteParticipant,
  type RemoteTrack,
  type RemoteTrackPublication,
  type Room,
  RoomEvent,
  type TrackPublication,
  TrackSource,
} from '@livekit/rtc-node';
import type { Speaker } from '../../protocol/caption-event.ts';
import type { Logger } from '../../runtime/log.ts';

/** Most who unmute soon after they muted do it within this time. */
const MUTED_HOLD_MS = 30_000;
const RETRY_SUBSCRIPTION_MS = 1_000;

/** A published voice: a microphone, or the sound of a shared screen. */
export interface Microphone {
  readonly sid: string;
  /** As it is now: participants may change their names. */
  speaker(): Speaker;
}

export interface MicrophoneListener {
  /** Audio arrives from now on. */
  onHeard(microphone: Microphone, track: RemoteTrack): void;
  onMuted(sid: string): void;
  onUnmuted(sid: string): void;
  /** Audio no longer arrives; it may again. */
  onUnheard(sid: string): void;
  /** The microphone is no longer published. */
  onGone(sid: string): void;
}

export interface AudioSubscriptionsOptions {
  readonly room: Room;
  readonly listener: MicrophoneListener;
  readonly log: Logger;
  readonly mutedHoldMs?: number;
}

interface Entry {
  readonly microphone: Microphone;
  readonly identity: string;
  publication: RemoteTrackPublication;
  track: RemoteTrack | null;
  timer: NodeJS.Timeout | undefined;
}

export class AudioSubscriptions {
  readonly #room: Room;
  readonly #listener: MicrophoneListener;
  readonly #log: Logger;
  readonly #mutedHoldMs: number;
  readonly #entries = new Map<string, Entry>();
  #isPaused = false;

  /** Call before the room connects, and {@link walk} after, or publications in between are missed. */
  constructor({ room, listener, log, mutedHoldMs = MUTED_HOLD_MS }: AudioSubscriptionsOptions) {
    this.#room = room;
    this.#listener = listener;
    this.#log = log;
    this.#mutedHoldMs = mutedHoldMs;
    room.on(RoomEvent.TrackPublished, (publication, participant) => this.#consider(publication, participant));
    room.on(RoomEvent.TrackUnpublished, (publication) => this.#forget(publication.sid));
    room.on(RoomEvent.TrackSubscribed, (track, publication) => this.#handleTrack(publication.sid, track));
    room.on(RoomEvent.TrackUnsubscribed, (_track, publication) => this.#handleTrack(publication.sid, null));
    room.on(RoomEvent.TrackSubscriptionFailed, (sid) => this.#handleFailed(sid));
    room.on(RoomEvent.TrackMuted, (publication) => this.#handleMuted(publication));
    room.on(RoomEvent.TrackUnmuted, (publication) => this.#handleUnmuted(publication));
    room.on(RoomEvent.ParticipantDisconnected, (participant) => this.#forgetAllOf(participant));
    // After a full reconnect the publications were announced before the connection could take subscriptions:
    // those were lost, and without asking again the agent would be deaf for good.
    room.on(RoomEvent.Reconnected, () => this.walk());
  }

  /** Microphones that are published, heard or not. */
  get count(): number {
    return this.#entries.size;
  }

  /** Off the record: everything is let go at once and nothing more is asked for until it is taken back. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (!isPaused) {
      this.walk();
      return;
    }
    for (const { publication } of this.#entries.values()) publication.setSubscribed(false);
    this.close();
  }

  walk(): void {
    const published = new Set<string>();
    for (const participant of this.#room.remoteParticipants.values()) {
      for (const publication of participant.trackPublications.values()) {
        if (publication.sid) published.add(publication.sid);
        this.#consider(publication, participant);
      }
    }
    for (const sid of [...this.#entries.keys()]) if (!published.has(sid)) this.#forget(sid);
  }

  close(): void {
    for (const sid of [...this.#entries.keys()]) this.#forget(sid);
  }

  #consider(publication: RemoteTrackPublication, participant: RemoteParticipant | undefined): void {
    const { sid } = publication;
    // An empty sid must never go out again: as the sid of a transcription it aborts every rtc-node receiver.
    if (this.#isPaused || !sid || !participant || !isVoice(publication)) return;
    if ((publication.encryptionType ?? EncryptionType.NONE) !== EncryptionType.NONE) {
      this.#log.warn({ sid }, 'microphone is end-to-end encrypted and cannot be captioned');
      return;
    }
    const entry = this.#entries.get(sid) ?? newEntry(sid, publication, participant);
    this.#entries.set(sid, entry);
    entry.publication = publication;
    if (!publication.muted) publication.setSubscribed(true);
  }

  #handleTrack(sid: string | undefined, track: RemoteTrack | null): void {
    const entry = this.#entries.get(sid ?? '');
    if (!entry || entry.track === track) return;
    if (entry.track) this.#listener.onUnheard(entry.microphone.sid);
    entry.track = track;
    if (!track) return;
    this.#listener.onHeard(entry.microphone, track);
    if (entry.publication.muted) this.#handleMuted(entry.publication);
  }

  #handleFailed(sid: string): void {
    const entry = this.#entries.get(sid);
    if (!entry) return;
    this.#log.warn({ sid }, 'subscription to a microphone failed, trying again');
    this.#after(RETRY_SUBSCRIPTION_MS, entry, () => {
      if (!entry.publication.muted) entry.publication.setSubscribed(true);
    });
  }

  #handleMuted(publication: TrackPublication): void {
    const entry = this.#entries.get(publication.sid ?? '');
    if (!entry) return;
    if (entry.track) this.#listener.onMuted(entry.microphone.sid);
    this.#after(this.#mutedHoldMs, entry, () => entry.publication.setSubscribed(false));
  }

  #handleUnmuted(publication: TrackPublication): void {
    const entry = this.#entries.get(publication.sid ?? '');
    if (!entry) return;
    clearTimeout(entry.timer);
    if (entry.track) this.#listener.onUnmuted(entry.microphone.sid);
    else entry.publication.setSubscribed(true);
  }

  #forgetAllOf({ identity }: Participant): void {
    for (const [sid, entry] of [...this.#entries]) if (entry.identity === identity) this.#forget(sid);
  }

  #forget(sid: string | undefined): void {
    const entry = this.#entries.get(sid ?? '');
    if (!entry) return;
    clearTimeout(entry.timer);
    this.#entries.delete(entry.microphone.sid);
    if (entry.track) this.#listener.onUnheard(entry.microphone.sid);
    this.#listener.onGone(entry.microphone.sid);
  }

  /** One timer an entry; forgetting the entry clears it, so it never touches a publication that is gone. */
  #after(delayMs: number, entry: Entry, act: () => void): void {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(act, delayMs);
  }
}

function isVoice({ source }: TrackPublication): boolean {
  return source === TrackSource.SOURCE_MICROPHONE || source === TrackSource.SOURCE_SCREENSHARE_AUDIO;
}

function newEntry(sid: string, publication: RemoteTrackPublication, participant: RemoteParticipant): Entry {
  const { identity } = participant;
  const speaker = () => ({ identity, name: participant.name || identity, trackSid: sid });
  return { microphone: { sid, speaker }, identity, publication, track: null, timer: undefined };
}
