/** The host takes the meeting off the record, and back. */
import { EyeOff } from 'lucide-react';
import { useId } from 'react';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useRoomState } from '../use-room-state.ts';
import { useHostAction } from './use-host-action.ts';

export function OffRecordSwitch({ host }: { readonly host: HostService }) {
  const { host: words } = useMessages();
  const act = useHostAction();
  const { offRecord } = useRoomState();
  const hintId = useId();
  return (
    <>
      <button
        type="button"
        className={offRecord ? 'button small primary' : 'button small'}
        aria-describedby={hintId}
        onClick={() => act(host.setOffRecord(!offRecord))}
      >
        <EyeOff aria-hidden size={18} />
        {offRecord ? words.onRecord : words.offRecord}
      </button>
      <p id={hintId} className="hint">
        {words.offRecordHint}
      </p>
    </>
  );
}
