/** Microphone, camera and screen share: what they are, and what is said when they do not start. */
import { useTrackToggle } from '@livekit/components-react';
import { MediaDeviceFailure, Track } from 'livekit-client';
import { type LucideIcon, Mic, MicOff, MonitorUp, MonitorX, Video, VideoOff } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { savePreferences } from '../../memory/preferences.ts';
import { useNotices } from '../../notices/notices-provider.tsx';
import { ControlButton } from './control-button.tsx';
import { canShareScreen, useScreenShare } from './use-screen-share.ts';

export function MicrophoneButton() {
  const { controls, notices } = useMessages();
  return (
    <DeviceButton
      source={Track.Source.Microphone}
      icons={{ on: Mic, off: MicOff }}
      label={controls.labels.microphone}
      names={{ on: controls.microphoneOn, off: controls.microphoneOff }}
      failures={{ refused: notices.microphoneRefused, missing: notices.microphoneMissing }}
      onPress={(microphoneOn) => savePreferences({ microphoneOn })}
    />
  );
}

export function CameraButton() {
  const { controls, notices } = useMessages();
  return (
    <DeviceButton
      source={Track.Source.Camera}
      icons={{ on: Video, off: VideoOff }}
      label={controls.labels.camera}
      names={{ on: controls.cameraOn, off: controls.cameraOff }}
      failures={{ refused: notices.cameraRefused, missing: notices.cameraMissing }}
      onPress={(cameraOn) => savePreferences({ cameraOn })}
    />
  );
}

interface OnAndOff<T> {
  readonly on: T;
  readonly off: T;
}

function DeviceButton(props: {
  readonly source: Track.Source.Microphone | Track.Source.Camera;
  readonly icons: OnAndOff<LucideIcon>;
  readonly label: string;
  /** What pressing it does while the device is on, and while it is off. */
  readonly names: OnAndOff<string>;
  readonly failures: { readonly refused: string; readonly missing: string };
  readonly onPress: (wanted: boolean) => void;
}) {
  const { icons, names, failures } = props;
  const { notices } = useMessages();
  const { notify } = useNotices();
  const { enabled, pending, toggle } = useTrackToggle({ source: props.source });
  const press = () => {
    props.onPress(!enabled);
    toggle().catch((failure: unknown) => {
      const kind = MediaDeviceFailure.getFailure(failure);
      const refused = kind === MediaDeviceFailure.PermissionDenied;
      const missing = kind === MediaDeviceFailure.NotFound;
      notify(refused ? failures.refused : missing ? failures.missing : notices.deviceFailed, 'problem');
    });
  };
  return (
    <ControlButton
      icon={enabled ? icons.on : icons.off}
      label={props.label}
      name={enabled ? names.on : names.off}
      look={enabled ? 'plain' : 'off'}
      busy={pending}
      onPress={press}
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
