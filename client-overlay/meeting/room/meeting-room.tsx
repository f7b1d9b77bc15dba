/** The room itself: stage, captions, one side panel at a time, and the controls. */
import { RoomAudioRenderer, RoomContext, useChat } from '@livekit/components-react';
import { useCallback, useEffect, useState } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import { useTitle } from '../language/use-title.ts';
import { currentPreferences } from '../memory/preferences.ts';
import { useNotices } from '../notices/notices-provider.tsx';
import { CaptionsNotice } from './captions/captions-notice.tsx';
import { RoomCaptions } from './captions/room-captions.tsx';
import { useIsCaptioned } from './captions/use-captioning.ts';
import { useCaptionsKey } from './captions/use-captions-key.ts';
import { ChatPanel } from './chat/chat-panel.tsx';
import { useUnreadMessages } from './chat/use-unread-messages.ts';
import { ConnectionNotice } from './connection-notice.tsx';
import { ControlBar } from './controls/control-bar.tsx';
import type { MeetingSession } from './meeting-session.ts';
import { PeoplePanel } from './people/people-panel.tsx';
import { usePresenceAnnouncements } from './people/use-presence-announcements.ts';
import { SettingsDialog } from './settings/settings-dialog.tsx';
import { SoundNotice } from './sound-notice.tsx';
import { Stage } from './stage/stage.tsx';

export type SidePanel = 'none' | 'chat' | 'people';

export function MeetingRoom(props: { readonly session: MeetingSession; readonly demo: boolean }) {
  return (
    <RoomContext value={props.session.room}>
      <InsideRoom {...props} />
    </RoomContext>
  );
}

function InsideRoom({ session, demo }: { readonly session: MeetingSession; readonly demo: boolean }) {
  const messages = useMessages();
  const { announce } = useNotices();
  const [panel, setPanel] = useState<SidePanel>('none');
  const [settingsOpen, setSettingsOpen] = useState(false);
  const [captionsShown, setCaptionsShown] = useState(demo || currentPreferences().alwaysCaptions);
  const chat = useChat();
  const unread = useUnreadMessages(chat.chatMessages, panel === 'chat');
  usePresenceAnnouncements(session.room);
  useTitle(messages.titles.room);

  const toggleCaptions = useCallback(() => {
    announce(captionsShown ? messages.notices.captionsHidden : messages.notices.captionsShown);
    setCaptionsShown(!captionsShown);
  }, [captionsShown, announce, messages]);
  useCaptionsKey(toggleCaptions);

  const captioned = useIsCaptioned(captionsShown);
  const { captionsActiveShort } = messages.notices;
  useEffect(() => {
    if (captioned) announce(captionsActiveShort);
  }, [captioned, announce, captionsActiveShort]);

  const closePanel = () => setPanel('none');

  return (
    <main className="meeting" data-panel={panel}>
      <h1 className="for-ears">{messages.titles.room}</h1>
      <div className="meeting-stage">
        <ConnectionNotice />
        <SoundNotice />
        <CaptionsNotice captioned={captioned} narrow />
        <Stage roomId={session.access.roomId} />
      </div>
      <RoomCaptions access={session.access} shown={captionsShown} />
      {panel === 'chat' ? (
        <ChatPanel messages={chat.chatMessages} onSend={chat.send} onClose={closePanel} />
      ) : null}
      {panel === 'people' ? <PeoplePanel onClose={closePanel} /> : null}
      <ControlBar
        roomId={session.access.roomId}
        captioned={captioned}
        captionsShown={captionsShown}
        onToggleCaptions={toggleCaptions}
        panel={panel}
        onTogglePanel={(asked) => setPanel(panel === asked ? 'none' : asked)}
        unread={unread}
        onOpenSettings={() => setSettingsOpen(true)}
        onLeave={() => void session.room.disconnect()}
      />
      <SettingsDialog session={session} open={settingsOpen} onOpenChange={setSettingsOpen} />
      <RoomAudioRenderer />
    </main>
  );
}
