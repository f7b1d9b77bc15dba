/** The host's choice for the whole room. */
import type { CaptionMode } from '../../../../protocol/room-api.ts';
import { setCaptionMode } from '../../api/room-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { useCaptionMode } from '../captions/use-captioning.ts';

const MODES: readonly CaptionMode[] = ['on-demand', 'always', 'off'];

export function HostCaptionMode({ roomId, hostKey }: { readonly roomId: string; readonly hostKey: string }) {
  const { settings, notices } = useMessages();
  const { notify } = useNotices();
  const mode = useCaptionMode();

  const choose = async (chosen: CaptionMode) => {
    try {
      await setCaptionMode(roomId, chosen, hostKey);
      notify(notices.modeChanged[chosen]);
    } catch {
      notify(notices.modeFailed, 'problem');
    }
  };

  return (
    <fieldset className="choices" aria-describedby="host-mode-hint">
      <legend>{settings.forEveryone}</legend>
      <p id="host-mode-hint" className="hint">
        {settings.forEveryoneHint}
      </p>
      {MODES.map((choice) => (
        <label key={choice} className="check">
          <input
            type="radio"
            name="caption-mode"
            checked={mode === choice}
            onChange={() => void choose(choice)}
          />
          {settings.modes[choice]}
        </label>
      ))}
    </fieldset>
  );
}
