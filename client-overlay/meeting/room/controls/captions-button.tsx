import { Captions, CaptionsOff } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { usePreferences } from '../../memory/preferences.ts';
import { ControlButton } from './control-button.tsx';

/** CC: in the bar with the microphone and the camera, at every width (EN 301 549, 7.3). */
export function CaptionsButton({
  shown,
  onToggle,
}: {
  readonly shown: boolean;
  readonly onToggle: () => void;
}) {
  const { controls } = useMessages();
  const { captionsKey } = usePreferences();
  return (
    <ControlButton
      icon={shown ? Captions : CaptionsOff}
      label={controls.labels.captions}
      name={shown ? controls.captionsOn : controls.captionsOff}
      look={shown ? 'captions' : 'plain'}
      pressed={shown}
      keyShortcuts={captionsKey ? 'c' : undefined}
      onPress={onToggle}
    />
  );
}
