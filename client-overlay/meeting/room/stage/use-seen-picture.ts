import type { TrackReferenceOrPlaceholder } from '@livekit/components-react';
import { RemoteTrackPublication } from 'livekit-client';
import { createContext, useContext, useEffect } from 'react';
import type { SeenPictures } from './seen-pictures.ts';

export const SeenPicturesContext = createContext<SeenPictures | null>(null);

/** While the tile is drawn, its picture is sent. */
export function useSeenPicture({ publication }: TrackReferenceOrPlaceholder): void {
  const pictures = useContext(SeenPicturesContext);
  useEffect(() => {
    if (pictures === null || !(publication instanceof RemoteTrackPublication)) return;
    return pictures.see(publication);
  }, [pictures, publication]);
}
