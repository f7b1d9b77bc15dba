/** What does not fit in the bar of a telephone. */

import { useTrackToggle } from '@livekit/components-react';
import { Track } from 'livekit-client';
import { Ellipsis, Link, MonitorUp, Settings, Users } from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { canShareScreen } from './device-buttons.tsx';

export function MoreMenu(props: {
  readonly people: number;
  readonly onPeople: () => void;
  readonly onCopyLink: () => void;
  readonly onSettings: () => void;
}) {
  const { controls, notices } = useMessages();
  const { notify } = useNotices();
  const share = useTrackToggle({ source: Track.Source.ScreenShare });
  const toggleShare = () => {
    share.toggle().catch(() => notify(notices.shareFailed, 'problem'));
  };
  return (
    <MenuTrigger>
      <Button className="control narrow-only" aria-label={controls.more}>
        <span className="control-icon">
          <Ellipsis aria-hidden size={22} />
        </span>
        <span className="control-label" aria-hidden="true">
          {controls.labels.more}
        </span>
      </Button>
      <Popover className="menu-popover" placement="top">
        <Menu className="menu" aria-label={controls.more}>
          <MenuItem className="menu-item" onAction={props.onPeople}>
            <Users aria-hidden size={20} />
            {controls.people(props.people)}
          </MenuItem>
          <MenuItem className="menu-item" onAction={props.onCopyLink}>
            <Link aria-hidden size={20} />
            {controls.copyLink}
          </MenuItem>
          {canShareScreen() ? (
            <MenuItem className="menu-item" onAction={toggleShare}>
              <MonitorUp aria-hidden size={20} />
              {share.enabled ? controls.shareOn : controls.shareOff}
            </MenuItem>
          ) : null}
          <MenuItem className="menu-item" onAction={props.onSettings}>
            <Settings aria-hidden size={20} />
            {controls.settings}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
