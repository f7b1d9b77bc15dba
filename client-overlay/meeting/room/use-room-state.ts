import { useRoomInfo } from '@livekit/components-react';
import { type RoomState, roomStateIn } from './room-state.ts';

/** What the host, or the service, has decided about this room; it may change at any time. */
export function useRoomState(): RoomState {
  return roomStateIn(useRoomInfo().metadata);
}

/**
 * Whether what is said is captioned now, whoever asked for it. `captionsShown`: by this page, which knows it a
 * moment before the room does.
 */
export function useIsCaptioned(captionsShown: boolean): boolean {
  const { mode, live, offRecord } = useRoomState();
  return !offRecord && mode !== 'off' && (live || mode === 'always' || captionsShown);
}
