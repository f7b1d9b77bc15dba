/** Who comes in. */
import type { RoomAccess } from '../../../../protocol/room-api.ts';
import type { HostService } from '../../api/host-service.ts';
import { RadioChoice } from '../../form/radio-choice.tsx';
import { useMessages } from '../../language/language-provider.tsx';
import { useRoomState } from '../use-room-state.ts';
import { useHostAction } from './use-host-action.ts';

const ACCESSES: readonly RoomAccess[] = ['open', 'waiting-room', 'locked'];

export function HostAccess({ host }: { readonly host: HostService }) {
  const { host: words } = useMessages();
  const act = useHostAction();
  const { access } = useRoomState();
  return (
    <RadioChoice
      name="room-access"
      legend={words.access}
      choices={ACCESSES}
      labels={words.accesses}
      chosen={access}
      onChoose={(choice) => act(host.setAccess(choice), words.accessChanged[choice])}
    />
  );
}
