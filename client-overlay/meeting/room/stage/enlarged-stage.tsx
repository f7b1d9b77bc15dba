/** One tile large, the others in a strip that scrolls. */
import { type TrackReferenceOrPlaceholder, useVisualStableUpdate } from '@livekit/components-react';
import { useMessages } from '../../language/language-provider.tsx';
import { ParticipantTile } from './participant-tile.tsx';
import { tileIdOf } from './shown-participants.ts';

/** Speakers among the others are moved into the first this many places, which are always in view. */
const STRIP_TILES_IN_VIEW = 4;

export function EnlargedStage(props: {
  readonly enlarged: TrackReferenceOrPlaceholder;
  readonly others: TrackReferenceOrPlaceholder[];
  readonly onEnlarge: (tile: TrackReferenceOrPlaceholder) => void;
  readonly onRestore: () => void;
}) {
  const { room } = useMessages();
  const strip = useVisualStableUpdate(props.others, STRIP_TILES_IN_VIEW);
  return (
    <div className="stage enlarged">
      <div className="enlarged-cell">
        <ParticipantTile key={tileIdOf(props.enlarged)} tile={props.enlarged} onRestore={props.onRestore} />
      </div>
      <ul className="tile-strip" aria-label={room.stage}>
        {strip.map((tile) => (
          <li key={tileIdOf(tile)} className="tile-cell">
            <ParticipantTile tile={tile} onEnlarge={props.onEnlarge} />
          </li>
        ))}
      </ul>
    </div>
  );
}
