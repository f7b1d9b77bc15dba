/** What does not fit in a narrow bar. */

import {
  Ellipsis,
  Hand,
  Info,
  Keyboard,
  Link,
  MonitorUp,
  Settings,
  ShieldCheck,
  SmilePlus,
  Users,
} from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover, SubmenuTrigger } from 'react-aria-components';
import { useMessages } from '../../language/language-provider.tsx';
import type { OwnHand } from '../hands/use-own-hand.ts';
import { REACTIONS, type Reaction } from '../reactions/reaction.ts';
import { ReactionIcon } from '../reactions/reaction-icon.tsx';
import { canShareScreen, useScreenShare } from './use-screen-share.ts';

export function MoreMenu(props: {
  readonly isHost: boolean;
  readonly people: number;
  readonly waiting: number;
  readonly hand: OwnHand;
  readonly onReact: (reaction: Reaction) => void;
  readonly onPeople: () => void;
  readonly onHost: () => void;
  readonly onCopyLink: () => void;
  readonly onAboutCaptions: () => void;
  readonly onShortcuts: () => void;
  readonly onOpenSettings: () => void;
}) {
  const { controls, host, notices, reactions } = useMessages();
  const share = useScreenShare();
  return (
    <MenuTrigger>
      <Button className="control narrow-only" aria-label={controls.more}>
        <span className="control-icon">
          <Ellipsis aria-hidden size={22} />
          {props.waiting === 0 ? null : (
            <span className="badge" aria-hidden="true">
              {props.waiting}
            </span>
          )}
        </span>
        <span className="control-label" aria-hidden="true">
          {controls.labels.more}
        </span>
      </Button>
      <Popover className="menu-popover" placement="top">
        <Menu className="menu" aria-label={controls.more}>
          <MenuItem className="menu-item" onAction={props.hand.toggle}>
            <Hand aria-hidden size={20} />
            {props.hand.raised ? controls.handOn : controls.handOff}
          </MenuItem>
          <SubmenuTrigger>
            <MenuItem className="menu-item">
              <SmilePlus aria-hidden size={20} />
              {controls.reactions}
            </MenuItem>
            <Popover className="menu-popover">
              <Menu className="menu" aria-label={reactions.title}>
                {REACTIONS.map((reaction) => (
                  <MenuItem key={reaction} className="menu-item" onAction={() => props.onReact(reaction)}>
                    <ReactionIcon reaction={reaction} size={20} />
                    {reactions.names[reaction]}
                  </MenuItem>
                ))}
              </Menu>
            </Popover>
          </SubmenuTrigger>
          <MenuItem className="menu-item" onAction={props.onPeople}>
            <Users aria-hidden size={20} />
            {controls.people(props.people)}
          </MenuItem>
          {props.isHost ? (
            <MenuItem className="menu-item" onAction={props.onHost}>
              <ShieldCheck aria-hidden size={20} />
              {host.title}
            </MenuItem>
          ) : null}
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
          <MenuItem className="menu-item" onAction={props.onAboutCaptions}>
            <Info aria-hidden size={20} />
            {notices.aboutCaptions}
          </MenuItem>
          <MenuItem className="menu-item" onAction={props.onShortcuts}>
            <Keyboard aria-hidden size={20} />
            {controls.shortcuts}
          </MenuItem>
          <MenuItem className="menu-item" onAction={props.onOpenSettings}>
            <Settings aria-hidden size={20} />
            {controls.settings}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
