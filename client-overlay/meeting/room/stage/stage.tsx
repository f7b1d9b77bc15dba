/** All tiles in a grid, or one enlarged with the others in a strip. */
import { useRoomContext, useTracks } from '@livekit/components-react';
import { RoomEvent, Track } from 'livekit-client';
import { useEffect, useState } from 'react';
import { AloneCard } from './alone-card.tsx';
import { EnlargedStage } from './enlarged-stage.tsx';
import { type EnlargeChoice, enlargedTile } from './enlarged-tile.ts';
import { SeenPictures } from './seen-pictures.ts';
import { isOnStage, tileIdOf } from './shown-participants.ts';
import { TileGrid } from './tile-grid.tsx';
import { SeenPicturesContext } from './use-seen-picture.ts';

const SOURCES = [
  { source: Track.Source.Camera, withPlaceholder: true },
  { source: Track.Source.ScreenShare, withPlaceholder: false },
];

export function Stage(props: { readonly roomId: string }) {
  const room = useRoomContext();
  const [pictures] = useState(() => new SeenPictures(room));
  useEffect(() => {
    pictures.start();
    return () => pictures.close();
  }, [pictures]);
  return (
    <SeenPicturesContext value={pictures}>
      <Tiles {...props} />
    </SeenPicturesContext>
  );
}

function Tiles({ roomId }: { readonly roomId: string }) {
  const [choice, setChoice] = useState<EnlargeChoice>({ by: 'itself' });
  const tiles = useTracks(SOURCES, {
    updateOnlyOn: [RoomEvent.ActiveSpeakersChanged],
    onlySubscribed: false,
  }).filter((tile) => isOnStage(tile.participant));

  const enlarged = enlargedTile(tiles, choice);
  if (enlarged !== undefined) {
    const others = tiles.filter((tile) => tileIdOf(tile) !== tileIdOf(enlarged));
    return (
      <EnlargedStage
        enlarged={enlarged}
        others={others}
        onEnlarge={(tile) => setChoice({ by: 'person', tileId: tileIdOf(tile) })}
        onRestore={() => setChoice({ by: 'nobody', exceptTileId: tileIdOf(enlarged) })}
      />
    );
  }
  return (
    <div className="stage">
      <TileGrid tiles={tiles} onEnlarge={(tile) => setChoice({ by: 'person', tileId: tileIdOf(tile) })} />
      {tiles.length === 1 ? <AloneCard roomId={roomId} /> : null}
    </div>
  );
}
