/** Who comes in. */
import type { RoomAccess } from '../../../../protocol/room-api.ts';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useRoomState } from '../use-room-state.ts';
import { useHostAction } from './use-host-action.ts';

const ACCESSES: readonly RoomAccess[] = ['open', 'waiting-room', 'locked'];

export function HostAccess({ host }: { readonly host: HostService }) {
  const { host: words } = useMessages();
  const act = useHostAction();
  const { access } = useRoomState();
  return (
    <fieldset className="choices">
      <legend>{words.access}</legend>
      {ACCESSES.map((choice) => (
        <label key={choice} className="check">
          <input
            type="radio"
            name="room-access"
            checked={access === choice}
            onChange={() => act(host.setAccess(choice), words.accessChanged[choice])}
          />
          {words.accesses[choice]}
        </label>
      ))}
    </fieldset>
  );
}
