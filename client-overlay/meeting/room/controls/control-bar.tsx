/** The bar under the stage. What everyone needs is in the middle; on a telephone the rest is under “More”. */
import { useParticipants } from '@livekit/components-react';
import { Link, LogOut, MessageSquare, Settings, Users } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { CaptionsNotice } from '../captions/captions-notice.tsx';
import type { SidePanel } from '../meeting-room.tsx';
import { isShownParticipant } from '../stage/shown-participants.ts';
import { CaptionsButton } from './captions-button.tsx';
import { ControlButton } from './control-button.tsx';
import { CameraButton, MicrophoneButton, ShareButton } from './device-buttons.tsx';
import { MoreMenu } from './more-menu.tsx';
import { useCopyLink } from './use-copy-link.ts';

export function ControlBar(props: {
  readonly roomId: string;
  readonly captioned: boolean;
  readonly captionsShown: boolean;
  readonly onToggleCaptions: () => void;
  readonly panel: SidePanel;
  readonly onTogglePanel: (panel: SidePanel) => void;
  readonly unread: number;
  readonly onOpenSettings: () => void;
  readonly onLeave: () => void;
}) {
  const { controls } = useMessages();
  const people = useParticipants().filter(isShownParticipant).length;
  const copyLink = useCopyLink(props.roomId);
  return (
    <section className="control-bar" aria-label={controls.bar}>
      <div className="wide-only">
        <CaptionsNotice captioned={props.captioned} />
      </div>
      <div className="control-group primary-controls">
        <MicrophoneButton />
        <CameraButton />
        <ShareButton />
        <CaptionsButton shown={props.captionsShown} onToggle={props.onToggleCaptions} />
        <ControlButton
          icon={MessageSquare}
          label={controls.labels.chat}
          name={props.unread === 0 ? controls.chat : controls.chatUnread(props.unread)}
          look={props.panel === 'chat' ? 'on' : 'plain'}
          expanded={props.panel === 'chat'}
          badge={props.unread}
          onPress={() => props.onTogglePanel('chat')}
        />
        <MoreMenu
          people={people}
          onPeople={() => props.onTogglePanel('people')}
          onCopyLink={copyLink}
          onSettings={props.onOpenSettings}
        />
        <ControlButton
          look="leave"
          icon={LogOut}
          label={controls.leave}
          name={controls.leave}
          onPress={props.onLeave}
        />
      </div>
      <div className="control-group secondary-controls wide-only">
        <ControlButton
          icon={Users}
          label={controls.labels.people}
          name={controls.people(people)}
          look={props.panel === 'people' ? 'on' : 'plain'}
          expanded={props.panel === 'people'}
          onPress={() => props.onTogglePanel('people')}
        />
        <ControlButton
          icon={Link}
          label={controls.labels.copyLink}
          name={controls.copyLink}
          onPress={copyLink}
        />
        <ControlButton
          icon={Settings}
          label={controls.labels.settings}
          name={controls.settings}
          onPress={props.onOpenSettings}
        />
      </div>
    </section>
  );
}
