/** As many tiles as fit well, speakers first, the rest on further pages. */
import {
  type TrackReferenceOrPlaceholder,
  useGridLayout,
  usePagination,
  useSwipe,
} from '@livekit/components-react';
import { type CSSProperties, type RefObject, useRef } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { ParticipantTile } from './participant-tile.tsx';
import { tileIdOf } from './shown-participants.ts';
import { TilePages } from './tile-pages.tsx';

type GridLayouts = NonNullable<NonNullable<Parameters<typeof useGridLayout>[2]>['gridLayouts']>;

/** A tile is never narrower than about 150 px, so that a face and a name stay readable on a telephone. */
const GRID_LAYOUTS: GridLayouts = [
  { columns: 1, rows: 1 },
  { columns: 1, rows: 2, orientation: 'portrait' },
  { columns: 2, rows: 1, orientation: 'landscape' },
  { columns: 2, rows: 2, minWidth: 300 },
  { columns: 2, rows: 3, orientation: 'portrait', minWidth: 300 },
  { columns: 3, rows: 2, orientation: 'landscape', minWidth: 560 },
  { columns: 3, rows: 3, minWidth: 640, minHeight: 360 },
  { columns: 4, rows: 3, orientation: 'landscape', minWidth: 900, minHeight: 420 },
  { columns: 4, rows: 4, minWidth: 960, minHeight: 560 },
  { columns: 5, rows: 5, minWidth: 1_200, minHeight: 720 },
];

export function TileGrid(props: {
  readonly tiles: TrackReferenceOrPlaceholder[];
  readonly onEnlarge: (tile: TrackReferenceOrPlaceholder) => void;
}) {
  const { room } = useMessages();
  // The library types its parameter before React 19; the element is there when it measures.
  const grid = useRef<HTMLDivElement>(null) as RefObject<HTMLDivElement>;
  const { layout } = useGridLayout(grid, props.tiles.length, { gridLayouts: GRID_LAYOUTS });
  const pages = usePagination(layout.maxTiles, props.tiles);
  useSwipe(grid, { onLeftSwipe: pages.nextPage, onRightSwipe: pages.prevPage });

  return (
    <div className="tile-grid-frame">
      <div ref={grid} className="tile-grid-measure">
        <ul
          className="tile-grid"
          aria-label={room.stage}
          style={{ '--columns': layout.columns, '--rows': layout.rows } as CSSProperties}
        >
          {pages.tracks.map((tile) => (
            <li key={tileIdOf(tile)} className="tile-cell">
              <ParticipantTile tile={tile} onEnlarge={props.tiles.length > 1 ? props.onEnlarge : undefined} />
            </li>
          ))}
        </ul>
      </div>
      {pages.totalPageCount > 1 ? (
        <TilePages
          page={pages.currentPage}
          pages={pages.totalPageCount}
          onNext={pages.nextPage}
          onPrevious={pages.prevPage}
        />
      ) : null}
    </div>
  );
}
