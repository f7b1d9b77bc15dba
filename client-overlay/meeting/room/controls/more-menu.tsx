/** What does not fit in the bar of a telephone. */

import { Ellipsis, Link, MonitorUp, Settings, Users } from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useMessages } from '../../language/language-provider.tsx';
import { canShareScreen, useScreenShare } from './use-screen-share.ts';

export function MoreMenu(props: {
  readonly people: number;
  readonly onPeople: () => void;
  readonly onCopyLink: () => void;
  readonly onSettings: () => void;
}) {
  const { controls } = useMessages();
  const share = useScreenShare();
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
            <MenuItem className="menu-item" onAction={share.toggle}>
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
