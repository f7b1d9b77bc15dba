/** The bar under the stage. What everyone needs is in the middle; where it is narrow the rest is under “More”. */
import { useParticipants } from '@livekit/components-react';
import { Hand, Link, LogOut, MessageSquare, Settings, ShieldCheck, Users } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { CaptionsNotice } from '../captions/captions-notice.tsx';
import type { OwnHand } from '../hands/use-own-hand.ts';
import type { SidePanel } from '../meeting-room.tsx';
import type { Reaction } from '../reactions/reaction.ts';
import { ReactionMenu } from '../reactions/reaction-menu.tsx';
import { useShortcutHint } from '../shortcuts/use-shortcuts.ts';
import { isShownParticipant } from '../stage/shown-participants.ts';
import { CaptionsButton } from './captions-button.tsx';
import { ControlButton } from './control-button.tsx';
import { CameraButton, MicrophoneButton, ShareButton } from './device-buttons.tsx';
import { MoreMenu } from './more-menu.tsx';
import { useCopyLink } from './use-copy-link.ts';
import type { DeviceToggle } from './use-device-toggle.ts';

export interface ControlBarProps {
  readonly roomId: string;
  readonly isHost: boolean;
  readonly microphone: DeviceToggle;
  readonly camera: DeviceToggle;
  readonly hand: OwnHand;
  readonly onReact: (reaction: Reaction) => void;
  readonly captioned: boolean;
  readonly captionsShown: boolean;
  readonly onToggleCaptions: () => void;
  readonly onAboutCaptions: () => void;
  readonly panel: SidePanel;
  readonly onTogglePanel: (panel: SidePanel) => void;
  readonly unread: number;
  /** People whom the host can let in. */
  readonly waiting: number;
  readonly onOpenSettings: () => void;
  readonly onShortcuts: () => void;
  readonly onLeave: () => void;
}

export function ControlBar(props: ControlBarProps) {
  const { controls, host, waiting } = useMessages();
  const people = useParticipants().filter(isShownParticipant).length;
  const copyLink = useCopyLink(props.roomId);
  const hostName = props.waiting === 0 ? host.title : `${host.title}, ${waiting.list(props.waiting)}`;
  return (
    <section className="control-bar" aria-label={controls.bar}>
      <div className="wide-only">
        <CaptionsNotice captioned={props.captioned} onAbout={props.onAboutCaptions} />
      </div>
      <div className="control-group primary-controls">
        <MicrophoneButton device={props.microphone} />
        <CameraButton device={props.camera} />
        <ShareButton />
        <CaptionsButton shown={props.captionsShown} onToggle={props.onToggleCaptions} />
        <ControlButton
          className="wide-only"
          icon={Hand}
          label={controls.labels.hand}
          name={props.hand.raised ? controls.handOn : controls.handOff}
          look={props.hand.raised ? 'on' : 'plain'}
          keyShortcuts={useShortcutHint('h')}
          onPress={props.hand.toggle}
        />
        <ReactionMenu onReact={props.onReact} />
        <ControlButton
          icon={MessageSquare}
          label={controls.labels.chat}
          name={props.unread === 0 ? controls.chat : controls.chatUnread(props.unread)}
          look={props.panel === 'chat' ? 'on' : 'plain'}
          expanded={props.panel === 'chat'}
          badge={props.unread}
          keyShortcuts={useShortcutHint('t')}
          onPress={() => props.onTogglePanel('chat')}
        />
        <MoreMenu
          {...props}
          people={people}
          onPeople={() => props.onTogglePanel('people')}
          onHost={() => props.onTogglePanel('host')}
          onCopyLink={copyLink}
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
        {props.isHost ? (
          <ControlButton
            icon={ShieldCheck}
            label={host.label}
            name={hostName}
            look={props.panel === 'host' ? 'on' : 'plain'}
            expanded={props.panel === 'host'}
            badge={props.waiting}
            onPress={() => props.onTogglePanel('host')}
          />
        ) : null}
        <ControlButton
          icon={Users}
          label={controls.labels.people}
          name={controls.people(people)}
          look={props.panel === 'people' ? 'on' : 'plain'}
          expanded={props.panel === 'people'}
          keyShortcuts={useShortcutHint('p')}
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
