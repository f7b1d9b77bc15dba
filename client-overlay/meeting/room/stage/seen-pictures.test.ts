import { EventEmitter } from 'node:events';
import { type RemoteTrackPublication, type Room, RoomEvent, Track } from 'livekit-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SeenPictures } from './seen-pictures.ts';

const LATER_MS = 60_000;

/** What it was asked for, in order. */
function publication(asked: boolean[], kind = Track.Kind.Video) {
  return {
    kind,
    setSubscribed: (wanted: boolean) => asked.push(wanted),
  } as unknown as RemoteTrackPublication;
}

let room: Room;
let pictures: SeenPictures;

beforeEach(() => {
  vi.useFakeTimers();
  room = Object.assign(new EventEmitter(), { remoteParticipants: new Map() }) as unknown as Room;
  pictures = new SeenPictures(room);
});
afterEach(() => vi.useRealTimers());

const publish = (published: RemoteTrackPublication) =>
  (room as unknown as EventEmitter).emit(RoomEvent.TrackPublished, published);

it('lets go of a picture that no tile shows, and of no sound', () => {
  const [picture, sound]: [boolean[], boolean[]] = [[], []];
  pictures.start();
  publish(publication(picture));
  publish(publication(sound, Track.Kind.Audio));
  vi.advanceTimersByTime(LATER_MS);
  expect({ picture, sound }).toEqual({ picture: [false], sound: [] });
});

it('lets go of what was there before, but for what tiles show already', () => {
  const [shown, other]: [boolean[], boolean[]] = [[], []];
  const publications = [publication(shown), publication(other)] as const;
  room.remoteParticipants.set('all', {
    videoTrackPublications: new Map(publications.map((each, index) => [String(index), each])),
  } as never);
  pictures.see(publications[0]);
  pictures.start();
  vi.advanceTimersByTime(LATER_MS);
  expect({ shown, other }).toEqual({ shown: [true], other: [false] });
});

it('lets go of what a full reconnection brought anew, of which nothing tells one by one', () => {
  const asked: boolean[] = [];
  pictures.start();
  room.remoteParticipants.set('anew', {
    videoTrackPublications: new Map([['picture', publication(asked)]]),
  } as never);
  (room as unknown as EventEmitter).emit(RoomEvent.Reconnected);
  vi.advanceTimersByTime(LATER_MS);
  expect(asked).toEqual([false]);
});

it('asks at once when a tile appears, and does NOT let go while the tile moves or another shows it', () => {
  const asked: boolean[] = [];
  const picture = publication(asked);
  pictures.start();
  const leaveGrid = pictures.see(picture);
  leaveGrid();
  vi.advanceTimersByTime(1_000);
  const leaveStrip = pictures.see(picture);
  const leaveStage = pictures.see(picture);
  leaveStrip();
  vi.advanceTimersByTime(LATER_MS);
  expect(asked).toEqual([true, true, true]);
  leaveStage();
  vi.advanceTimersByTime(LATER_MS);
  expect(asked).toEqual([true, true, true, false]);
});

it('says nothing more once it is closed', () => {
  const asked: boolean[] = [];
  pictures.start();
  const leave = pictures.see(publication(asked));
  publish(publication(asked));
  pictures.close();
  leave();
  vi.advanceTimersByTime(LATER_MS);
  expect(asked).toEqual([true]);
});
