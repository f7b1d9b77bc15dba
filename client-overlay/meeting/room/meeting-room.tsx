/** The room itself: stage, captions, one side panel at a time, and the controls. */
import { RoomAudioRenderer, RoomContext, useChat } from '@livekit/components-react';
import { Track } from 'livekit-client';
import { useCallback, useEffect, useState } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import { useTitle } from '../language/use-title.ts';
import { currentPreferences, savePreferences } from '../memory/preferences.ts';
import { useNotices } from '../notices/notices-provider.tsx';
import { AboutCaptionsDialog } from './captions/about-captions-dialog.tsx';
import { CaptionDelays } from './captions/caption-delays.ts';
import { CaptionsNotice } from './captions/captions-notice.tsx';
import { RoomCaptions } from './captions/room-captions.tsx';
import { useCaptionsAccess } from './captions/use-captions-access.ts';
import { ChatPanel } from './chat/chat-panel.tsx';
import { useUnreadMessages } from './chat/use-unread-messages.ts';
import { ConnectionNotice } from './connection/connection-notice.tsx';
import { useOwnConnectionNotices } from './connection/use-own-connection-notices.ts';
import { ControlBar } from './controls/control-bar.tsx';
import { useDeviceToggle } from './controls/use-device-toggle.ts';
import { useHandAnnouncements } from './hands/use-hand-announcements.ts';
import { useOwnHand } from './hands/use-own-hand.ts';
import { HostPanel } from './host/host-panel.tsx';
import { useHostNotices } from './host/use-host-notices.ts';
import { useWaitingPeople } from './host/use-waiting-people.ts';
import type { MeetingSession } from './meeting-session.ts';
import { PeoplePanel } from './people/people-panel.tsx';
import { usePresenceAnnouncements } from './people/use-presence-announcements.ts';
import { ReactionsLayer } from './reactions/reactions-layer.tsx';
import { useReactions } from './reactions/use-reactions.ts';
import { RecordingNotice } from './recording/recording-notice.tsx';
import { SettingsDialog } from './settings/settings-dialog.tsx';
import { ShortcutsDialog } from './shortcuts/shortcuts-dialog.tsx';
import { useShortcuts } from './shortcuts/use-shortcuts.ts';
import { SoundNotice } from './sound-notice.tsx';
import { Stage } from './stage/stage.tsx';
import { useIsCaptioned } from './use-room-state.ts';

/** The transcript is drawn by the captions' own element; the room makes room for it. */
export type SidePanel = 'none' | 'chat' | 'people' | 'host' | 'transcript';
type OpenDialog = 'none' | 'settings' | 'shortcuts' | 'captions';

export function MeetingRoom(props: { readonly session: MeetingSession; readonly demo: boolean }) {
  return (
    <RoomContext value={props.session.room}>
      <InsideRoom {...props} />
    </RoomContext>
  );
}

function InsideRoom({ session, demo }: { readonly session: MeetingSession; readonly demo: boolean }) {
  const messages = useMessages();
  const { access, host, room } = session;
  const { announce } = useNotices();
  const [panel, setPanel] = useState<SidePanel>('none');
  const [dialog, setDialog] = useState<OpenDialog>('none');
  const [consented, setConsented] = useState(false);
  const [captionsShown, setCaptionsShown] = useState(wantsCaptions(demo));
  const keeper = useCaptionsAccess(access);
  const [delays] = useState(() => new CaptionDelays());
  const chat = useChat();
  const unread = useUnreadMessages(chat.chatMessages, panel === 'chat');
  const microphone = useDeviceToggle(Track.Source.Microphone);
  const camera = useDeviceToggle(Track.Source.Camera);
  const hand = useOwnHand(access, keeper.provideToken);
  const waiting = useWaitingPeople(host);
  const reactions = useReactions();
  usePresenceAnnouncements(room);
  useHandAnnouncements();
  useHostNotices();
  useOwnConnectionNotices();
  useTitle(messages.titles.room);

  const toggleCaptions = useCallback(() => {
    announce(captionsShown ? messages.notices.captionsHidden : messages.notices.captionsShown);
    setCaptionsShown(!captionsShown);
    savePreferences({ captionsOn: !captionsShown });
  }, [captionsShown, announce, messages]);
  const togglePanel = (asked: SidePanel) => setPanel(panel === asked ? 'none' : asked);
  const closePanel = () => setPanel('none');
  const handleTranscript = useCallback((open: boolean) => {
    // Closed because another panel was opened: that one stays.
    setPanel((shown) => (open ? 'transcript' : shown === 'transcript' ? 'none' : shown));
  }, []);
  const dialogProps = (name: OpenDialog) => ({
    open: dialog === name,
    onOpenChange: (open: boolean) => setDialog(open ? name : 'none'),
  });
  useShortcuts({
    m: microphone.toggle,
    v: camera.toggle,
    c: toggleCaptions,
    h: hand.toggle,
    t: () => togglePanel('chat'),
    p: () => togglePanel('people'),
    '?': () => setDialog('shortcuts'),
  });

  const captioned = useIsCaptioned(captionsShown);
  const { captionsActiveShort } = messages.notices;
  useEffect(() => {
    if (captioned) announce(captionsActiveShort);
  }, [captioned, announce, captionsActiveShort]);

  const leave = () => void room.disconnect();
  const aboutCaptions = () => setDialog('captions');

  return (
    <main className="meeting" data-panel={panel}>
      <h1 className="for-ears">{messages.titles.room}</h1>
      <div className="meeting-stage">
        <ConnectionNotice />
        <SoundNotice />
        <RecordingNotice consented={consented} onConsent={setConsented} onLeave={leave} />
        <CaptionsNotice captioned={captioned} onAbout={aboutCaptions} narrow />
        <Stage roomId={access.roomId} />
        <ReactionsLayer shown={reactions.shown} />
      </div>
      <RoomCaptions
        access={access}
        keeper={keeper}
        host={host}
        shown={captionsShown}
        transcript={panel === 'transcript'}
        onTranscript={handleTranscript}
        delays={delays}
      />
      {panel === 'chat' ? (
        <ChatPanel messages={chat.chatMessages} onSend={chat.send} onClose={closePanel} />
      ) : null}
      {panel === 'people' ? <PeoplePanel host={host} waiting={waiting} onClose={closePanel} /> : null}
      {panel === 'host' && host !== undefined ? (
        <HostPanel
          host={host}
          ownIdentity={access.identity}
          waiting={waiting}
          onConsent={() => setConsented(true)}
          onClose={closePanel}
        />
      ) : null}
      <ControlBar
        roomId={access.roomId}
        isHost={host !== undefined}
        microphone={microphone}
        camera={camera}
        hand={hand}
        onReact={reactions.react}
        captioned={captioned}
        captionsShown={captionsShown}
        onToggleCaptions={toggleCaptions}
        onAboutCaptions={aboutCaptions}
        panel={panel}
        onTogglePanel={togglePanel}
        unread={unread}
        waiting={waiting.people.length}
        onOpenSettings={() => setDialog('settings')}
        onShortcuts={() => setDialog('shortcuts')}
        onLeave={leave}
      />
      <SettingsDialog {...dialogProps('settings')} onShortcuts={() => setDialog('shortcuts')} />
      <ShortcutsDialog {...dialogProps('shortcuts')} />
      <AboutCaptionsDialog host={host} delays={delays} {...dialogProps('captions')} />
      <RoomAudioRenderer />
    </main>
  );
}

/** What the person chose last, or chose for always. */
function wantsCaptions(demo: boolean): boolean {
  const { alwaysCaptions, captionsOn } = currentPreferences();
  return demo || alwaysCaptions || captionsOn;
}
