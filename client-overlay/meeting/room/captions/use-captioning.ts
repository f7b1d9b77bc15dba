import { useRoomInfo } from '@livekit/components-react';
import type { CaptionMode } from '../../../../protocol/room-api.ts';
import { captioningIn } from './captioning-in.ts';

/** When captions are made in this room, which the host may change at any time. */
export function useCaptionMode(): CaptionMode {
  return captioningIn(useRoomInfo().metadata).mode;
}

/**
 * Whether what is said is captioned now, whoever asked for it. `captionsShown`: by this page, which knows it a
 * moment before the room does.
 */
export function useIsCaptioned(captionsShown: boolean): boolean {
  const { mode, live } = captioningIn(useRoomInfo().metadata);
  return mode !== 'off' && (live || mode === 'always' || captionsShown);
}
