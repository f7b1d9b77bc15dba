/** The host's choice of when captions are made, for the whole room. */
import type { CaptionMode } from '../../../../protocol/room-api.ts';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useRoomState } from '../use-room-state.ts';
import { useHostAction } from './use-host-action.ts';

const MODES: readonly CaptionMode[] = ['on-demand', 'always', 'off'];

export function HostCaptionMode({ host }: { readonly host: HostService }) {
  const { settings, notices } = useMessages();
  const act = useHostAction();
  const { mode } = useRoomState();
  return (
    <fieldset className="choices">
      <legend>{settings.forEveryone}</legend>
      {MODES.map((choice) => (
        <label key={choice} className="check">
          <input
            type="radio"
            name="caption-mode"
            checked={mode === choice}
            onChange={() => act(host.setCaptionMode(choice), notices.modeChanged[choice])}
          />
          {settings.modes[choice]}
        </label>
      ))}
    </fieldset>
  );
}
