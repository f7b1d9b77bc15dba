/**
 * Has the media server send the pictures that are drawn, and no others. Left to itself it sends all: adaptive streams
 * hold back only a picture that was once in an element of the page, and in a full room most never were.
 *
 * A tile says that it {@link see}s its picture for as long as it is there. What was let go is kept for a moment: a tile
 * that moves (to be enlarged, to another place) goes and comes back. Sound is not concerned.
 */
import { type RemoteTrackPublication, type Room, RoomEvent, Track } from 'livekit-client';

const KEPT_MS = 3_000;

export class SeenPictures {
  readonly #room: Room;
  /** How many tiles show it. */
  readonly #tiles = new Map<RemoteTrackPublication, number>();
  readonly #timers = new Map<RemoteTrackPublication, ReturnType<typeof setTimeout>>();
  #started = false;

  constructor(room: Room) {
    this.#room = room;
  }

  start(): void {
    this.#started = true;
    this.#room.on(RoomEvent.TrackPublished, this.#letGoSoon);
    // After a full reconnection all publications are new, and nothing tells of them one by one.
    this.#room.on(RoomEvent.Reconnected, this.#letGoUnseen);
    this.#letGoUnseen();
  }

  close(): void {
    this.#started = false;
    this.#room.off(RoomEvent.TrackPublished, this.#letGoSoon);
    this.#room.off(RoomEvent.Reconnected, this.#letGoUnseen);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Until the function that it gives is called. */
  see(publication: RemoteTrackPublication): () => void {
    clearTimeout(this.#timers.get(publication));
    this.#timers.delete(publication);
    this.#tiles.set(publication, (this.#tiles.get(publication) ?? 0) + 1);
    publication.setSubscribed(true);
    return () => {
      const left = (this.#tiles.get(publication) ?? 1) - 1;
      if (left > 0) this.#tiles.set(publication, left);
      else {
        this.#tiles.delete(publication);
        this.#letGoSoon(publication);
      }
    };
  }

  readonly #letGoUnseen = (): void => {
    for (const participant of this.#room.remoteParticipants.values()) {
      for (const publication of participant.videoTrackPublications.values()) this.#letGoSoon(publication);
    }
  };

  readonly #letGoSoon = (publication: RemoteTrackPublication): void => {
    if (!this.#started || publication.kind !== Track.Kind.Video || this.#tiles.has(publication)) return;
    clearTimeout(this.#timers.get(publication));
    this.#timers.set(
      publication,
      setTimeout(() => {
        this.#timers.delete(publication);
        publication.setSubscribed(false);
      }, KEPT_MS),
    );
  };
}
