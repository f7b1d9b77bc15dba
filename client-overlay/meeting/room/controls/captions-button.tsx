import { Captions, CaptionsOff } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { useShortcutHint } from '../shortcuts/use-shortcuts.ts';
import { ControlButton } from './control-button.tsx';

/**
 * CC: in the bar with the microphone and the camera, at every width (EN 301 549, 7.3). Its name says how things are, as
 * `aria-pressed` does, and not what pressing does: the two would contradict each other. See docs/decisions.
 */
export function CaptionsButton({
  shown,
  onToggle,
}: {
  readonly shown: boolean;
  readonly onToggle: () => void;
}) {
  const { controls } = useMessages();
  return (
    <ControlButton
      icon={shown ? Captions : CaptionsOff}
      label={controls.labels.captions}
      name={shown ? controls.captionsOn : controls.captionsOff}
      look={shown ? 'captions' : 'plain'}
      hint={shown ? controls.hideCaptions : controls.showCaptions}
      pressed={shown}
      keyShortcuts={useShortcutHint('c')}
      onPress={onToggle}
    />
  );
}
