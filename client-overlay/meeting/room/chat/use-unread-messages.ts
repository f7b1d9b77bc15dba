import type { ReceivedChatMessage } from '@livekit/components-react';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';

/** Longer messages are read out by their beginning; the panel has the rest. */
const LONGEST_SPOKEN = 200;

/** Has others' new messages read out, and counts those that came while the panel was closed. */
export function useUnreadMessages(messages: readonly ReceivedChatMessage[], panelOpen: boolean): number {
  const { chat, room } = useMessages();
  const { announce } = useNotices();
  const handled = useRef(messages.length);
  const [unread, setUnread] = useState(0);

  const handleNew = useEffectEvent((all: readonly ReceivedChatMessage[]) => {
    const fromOthers = all.slice(handled.current).filter((message) => message.from?.isLocal !== true);
    handled.current = all.length;
    const latest = fromOthers.at(-1);
    if (latest === undefined) return;
    announce(chat.from(latest.from?.name || room.someone, latest.message.slice(0, LONGEST_SPOKEN)));
    if (!panelOpen) setUnread((before) => before + fromOthers.length);
  });
  useEffect(() => handleNew(messages), [messages]);

  useEffect(() => {
    if (panelOpen) setUnread(0);
  }, [panelOpen]);

  return panelOpen ? 0 : unread;
}
