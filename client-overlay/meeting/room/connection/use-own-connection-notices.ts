import { useConnectionQualityIndicator, useLocalParticipant } from '@livekit/components-react';
import { ConnectionQuality } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';

/** Tells a person in words when the own connection gets weak, and when it is good again. */
export function useOwnConnectionNotices(): void {
  const { notices } = useMessages();
  const { notify, announce } = useNotices();
  const { localParticipant } = useLocalParticipant();
  const { quality } = useConnectionQualityIndicator({ participant: localParticipant });
  const told = useRef<ConnectionQuality>(ConnectionQuality.Good);

  useEffect(() => {
    const before = told.current;
    if (quality === before || quality === ConnectionQuality.Unknown) return;
    told.current = quality;
    if (quality === ConnectionQuality.Poor) notify(notices.yourConnectionWeak, 'problem');
    else if (quality === ConnectionQuality.Lost) notify(notices.yourConnectionLost, 'problem');
    else if (before === ConnectionQuality.Poor || before === ConnectionQuality.Lost) {
      announce(notices.yourConnectionGood);
    }
  }, [quality, notify, announce, notices]);
}
