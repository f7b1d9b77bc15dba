import { useLocalParticipant, useParticipantAttribute } from '@livekit/components-react';
import { useRef } from 'react';
import type { JoinRoomResponse } from '../../../../protocol/room-api.ts';
import { raiseHand } from '../../api/room-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';

export interface OwnHand {
  readonly raised: boolean;
  readonly toggle: () => void;
}

/** `captionsToken`: proves whose hand it is; asked for when needed, because it is renewed. */
export function useOwnHand(access: JoinRoomResponse, captionsToken: () => Promise<string>): OwnHand {
  const { notices } = useMessages();
  const { notify } = useNotices();
  const { localParticipant } = useLocalParticipant();
  const raised = (useParticipantAttribute('hand', { participant: localParticipant }) ?? '') !== '';
  const asking = useRef(false);
  const toggle = async () => {
    if (asking.current) return;
    asking.current = true;
    try {
      await raiseHand(access.roomId, !raised, await captionsToken());
    } catch {
      notify(notices.handFailed, 'problem');
    } finally {
      asking.current = false;
    }
  };
  return { raised, toggle: () => void toggle() };
}
