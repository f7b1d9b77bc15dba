/** Which tile takes the stage. Pure: what the person chose, else a screen that somebody else shares. */
import type { TrackReferenceOrPlaceholder } from '@livekit/components-react';
import { Track } from 'livekit-client';
import { tileIdOf } from './shown-participants.ts';

export type EnlargeChoice =
  /** A shared screen takes the stage by itself. */
  | { readonly by: 'itself' }
  | { readonly by: 'person'; readonly tileId: string }
  /** The person sent this one back; another may still come forward by itself. */
  | { readonly by: 'nobody'; readonly exceptTileId: string };

export function enlargedTile(
  tiles: readonly TrackReferenceOrPlaceholder[],
  choice: EnlargeChoice,
): TrackReferenceOrPlaceholder | undefined {
  if (choice.by === 'person') {
    const chosen = tiles.find((tile) => tileIdOf(tile) === choice.tileId);
    if (chosen !== undefined) return chosen;
  }
  return tiles.findLast(
    (tile) =>
      tile.source === Track.Source.ScreenShare &&
      !tile.participant.isLocal &&
      !(choice.by === 'nobody' && choice.exceptTileId === tileIdOf(tile)),
  );
}
