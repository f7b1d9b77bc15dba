/** Microphone, camera and screen share in the bar. */
import { Mic, MicOff, MonitorUp, MonitorX, Video, VideoOff } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { useShortcutHint } from '../shortcuts/use-shortcuts.ts';
import { ControlButton } from './control-button.tsx';
import type { DeviceToggle } from './use-device-toggle.ts';
import { canShareScreen, useScreenShare } from './use-screen-share.ts';

export function MicrophoneButton({ device }: { readonly device: DeviceToggle }) {
  const { controls } = useMessages();
  return (
    <ControlButton
      icon={device.enabled ? Mic : MicOff}
      label={controls.labels.microphone}
      name={device.enabled ? controls.microphoneOn : controls.microphoneOff}
      look={device.enabled ? 'plain' : 'off'}
      busy={device.pending}
      keyShortcuts={useShortcutHint('m')}
      onPress={device.toggle}
    />
  );
}

export function CameraButton({ device }: { readonly device: DeviceToggle }) {
  const { controls } = useMessages();
  return (
    <ControlButton
      icon={device.enabled ? Video : VideoOff}
      label={controls.labels.camera}
      name={device.enabled ? controls.cameraOn : controls.cameraOff}
      look={device.enabled ? 'plain' : 'off'}
      busy={device.pending}
      keyShortcuts={useShortcutHint('v')}
      onPress={device.toggle}
    />
  );
}

export function ShareButton() {
  const { controls } = useMessages();
  const { enabled, pending, toggle } = useScreenShare();
  if (!canShareScreen()) return null;
  return (
    <ControlButton
      className="wide-only"
      icon={enabled ? MonitorX : MonitorUp}
      label={controls.labels.share}
      name={enabled ? controls.shareOn : controls.shareOff}
      look={enabled ? 'on' : 'plain'}
      busy={pending}
      onPress={toggle}
    />
  );
}
