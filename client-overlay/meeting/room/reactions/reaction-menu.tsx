import { SmilePlus } from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { useMessages } from '../../language/language-provider.tsx';
import { REACTIONS, type Reaction } from './reaction.ts';
import { ReactionIcon } from './reaction-icon.tsx';

export function ReactionMenu({ onReact }: { readonly onReact: (reaction: Reaction) => void }) {
  const { controls, reactions } = useMessages();
  return (
    <MenuTrigger>
      <Button className="control wide-only" aria-label={controls.reactions}>
        <span className="control-icon">
          <SmilePlus aria-hidden size={22} />
        </span>
        <span className="control-label" aria-hidden="true">
          {controls.labels.reactions}
        </span>
      </Button>
      <Popover className="menu-popover" placement="top">
        <Menu className="menu" aria-label={reactions.title}>
          {REACTIONS.map((reaction) => (
            <MenuItem key={reaction} className="menu-item" onAction={() => onReact(reaction)}>
              <ReactionIcon reaction={reaction} size={22} />
              {reactions.names[reaction]}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
