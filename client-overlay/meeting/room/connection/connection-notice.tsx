/** Says that the connection is being repaired, and that it was. */
import { useConnectionState } from '@livekit/components-react';
import { ConnectionState } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';

export function ConnectionNotice() {
  const { notices } = useMessages();
  const { notify, announce } = useNotices();
  const state = useConnectionState();
  const repairing = state === ConnectionState.Reconnecting || state === ConnectionState.SignalReconnecting;
  const wasRepairing = useRef(false);

  useEffect(() => {
    if (repairing) announce(notices.reconnecting);
    else if (wasRepairing.current && state === ConnectionState.Connected) notify(notices.reconnected);
    wasRepairing.current = repairing;
  }, [repairing, state, announce, notify, notices]);

  return repairing ? <p className="banner">{notices.reconnecting}</p> : null;
}
