import type { TrackReferenceOrPlaceholder } from '@livekit/components-react';
import { Participant, Track } from 'livekit-client';
import { expect, it } from 'vitest';
import { enlargedTile } from './enlarged-tile.ts';

class LocalPerson extends Participant {
  override get isLocal() {
    return true;
  }
}

const ana = new Participant('sid-ana', 'ana');
const me = new LocalPerson('sid-me', 'me');
const anaCamera = tile(ana, Track.Source.Camera);
const anaScreen = tile(ana, Track.Source.ScreenShare);
const myScreen = tile(me, Track.Source.ScreenShare);

function tile(participant: Participant, source: Track.Source): TrackReferenceOrPlaceholder {
  return { participant, source };
}

it('leaves the grid alone while nobody shares a screen', () => {
  expect(enlargedTile([anaCamera], { by: 'itself' })).toBeUndefined();
});

it('brings a screen that somebody shares to the front, but not one’s own', () => {
  expect(enlargedTile([anaCamera, anaScreen], { by: 'itself' })).toBe(anaScreen);
  expect(enlargedTile([anaCamera, myScreen], { by: 'itself' })).toBeUndefined();
});

it('puts the person’s choice first, and forgets it when it is gone', () => {
  const choice = { by: 'person', tileId: 'ana:camera' } as const;
  expect(enlargedTile([anaCamera, anaScreen], choice)).toBe(anaCamera);
  expect(enlargedTile([anaScreen], choice)).toBe(anaScreen);
});

it('does NOT bring back the screen that the person sent away', () => {
  const choice = { by: 'nobody', exceptTileId: 'ana:screen_share' } as const;
  expect(enlargedTile([anaCamera, anaScreen], choice)).toBeUndefined();
});
