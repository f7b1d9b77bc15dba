/** What the host can do about one person. */
import { type Participant, Track } from 'livekit-client';
import { EllipsisVertical } from 'lucide-react';
import { useState } from 'react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { ConfirmDialog, type Question } from '../host/confirm-dialog.tsx';
import { useHostAction } from '../host/use-host-action.ts';

export function PersonMenu(props: {
  readonly host: HostService;
  readonly participant: Participant;
  readonly name: string;
  readonly handRaised: boolean;
  readonly silent: boolean;
}) {
  const { host: words } = useMessages();
  const act = useHostAction();
  const [question, setQuestion] = useState<Question>();
  const { host, name, participant } = props;
  const { identity } = participant;
  const hasCamera = participant.getTrackPublication(Track.Source.Camera)?.isMuted === false;
  return (
    <>
      <MenuTrigger>
        <Button className="quiet-button" aria-label={words.actions(name)}>
          <EllipsisVertical aria-hidden size={20} />
        </Button>
        <Popover className="menu-popover" placement="bottom end">
          <Menu className="menu" aria-label={words.actions(name)}>
            {props.silent ? null : (
              <MenuItem className="menu-item" onAction={() => act(host.mute(identity, 'microphone'))}>
                {words.mute(name)}
              </MenuItem>
            )}
            {hasCamera ? (
              <MenuItem className="menu-item" onAction={() => act(host.mute(identity, 'camera'))}>
                {words.stopCamera(name)}
              </MenuItem>
            ) : null}
            {props.handRaised ? (
              <MenuItem className="menu-item" onAction={() => act(host.lowerHand(identity))}>
                {words.lowerHand(name)}
              </MenuItem>
            ) : null}
            <MenuItem
              className="menu-item"
              onAction={() =>
                setQuestion({
                  title: words.removeQuestion(name),
                  hint: words.removeHint,
                  action: words.remove(name),
                  onConfirm: () => act(host.remove(identity), words.removed(name)),
                })
              }
            >
              {words.remove(name)}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}
