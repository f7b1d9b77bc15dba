import { useEffect, useMemo } from 'react';
import type { JoinRoomResponse } from '../../../../protocol/room-api.ts';
import { refreshCaptionsAccess } from '../../api/room-service.ts';
import { CaptionsAccessKeeper } from './captions-access-keeper.ts';

/** One keeper for all that needs the captions token: the captions themselves, and the person's own hand. */
export function useCaptionsAccess(access: JoinRoomResponse): CaptionsAccessKeeper {
  const keeper = useMemo(
    () =>
      new CaptionsAccessKeeper({
        first: access,
        refresh: (token) => refreshCaptionsAccess(access.roomId, token),
      }),
    [access],
  );
  useEffect(() => {
    keeper.start();
    return () => keeper.close();
  }, [keeper]);
  return keeper;
}
