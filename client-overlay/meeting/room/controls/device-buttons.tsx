/** Microphone, camera and screen share: what they are, and what is said when they do not start. */
import { useTrackToggle } from '@livekit/components-react';
import { MediaDeviceFailure, Track } from 'livekit-client';
import { Mic, MicOff, MonitorUp, MonitorX, Video, VideoOff } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { savePreferences } from '../../memory/preferences.ts';
import { useNotices } from '../../notices/notices-provider.tsx';
import { ControlButton } from './control-button.tsx';

export function MicrophoneButton() {
  const { controls, notices } = useMessages();
  const { notify } = useNotices();
  const { enabled, pending, toggle } = useTrackToggle({ source: Track.Source.Microphone });
  const press = () => {
    savePreferences({ microphoneOn: !enabled });
    toggle().catch((failure: unknown) => {
      const refused = MediaDeviceFailure.getFailure(failure) === MediaDeviceFailure.PermissionDenied;
      const missing = MediaDeviceFailure.getFailure(failure) === MediaDeviceFailure.NotFound;
      notify(
        refused ? notices.microphoneRefused : missing ? notices.microphoneMissing : notices.deviceFailed,
        'problem',
      );
    });
  };
  return (
    <ControlButton
      icon={enabled ? Mic : MicOff}
      label={controls.labels.microphone}
      name={enabled ? controls.microphoneOn : controls.microphoneOff}
      look={enabled ? 'plain' : 'off'}
      busy={pending}
      onPress={press}
    />
  );
}

export function CameraButton() {
  const { controls, notices } = useMessages();
  const { notify } = useNotices();
  const { enabled, pending, toggle } = useTrackToggle({ source: Track.Source.Camera });
  const press = () => {
    savePreferences({ cameraOn: !enabled });
    toggle().catch((failure: unknown) => {
      const refused = MediaDeviceFailure.getFailure(failure) === MediaDeviceFailure.PermissionDenied;
      const missing = MediaDeviceFailure.getFailure(failure) === MediaDeviceFailure.NotFound;
      notify(
        refused ? notices.cameraRefused : missing ? notices.cameraMissing : notices.deviceFailed,
        'problem',
      );
    });
  };
  return (
    <ControlButton
      icon={enabled ? Video : VideoOff}
      label={controls.labels.camera}
      name={enabled ? controls.cameraOn : controls.cameraOff}
      look={enabled ? 'plain' : 'off'}
      busy={pending}
      onPress={press}
    />
  );
}

/** Telephones cannot share their screen: there the button is not shown. */
export const canShareScreen = (): boolean => navigator.mediaDevices?.getDisplayMedia !== undefined;

export function ShareButton() {
  const { controls, notices } = useMessages();
  const { notify } = useNotices();
  const { enabled, pending, toggle } = useTrackToggle({
    source: Track.Source.ScreenShare,
    captureOptions: { audio: true, selfBrowserSurface: 'include', suppressLocalAudioPlayback: true },
  });
  if (!canShareScreen()) return null;
  const press = () => {
    toggle().catch((failure: unknown) => {
      // Closing the browser's own dialog is a decision, not a failure.
      const declined = MediaDeviceFailure.getFailure(failure) === MediaDeviceFailure.PermissionDenied;
      if (!declined) notify(notices.shareFailed, 'problem');
    });
  };
  return (
    <ControlButton
      className="wide-only"
      icon={enabled ? MonitorX : MonitorUp}
      label={controls.labels.share}
      name={enabled ? controls.shareOn : controls.shareOff}
      look={enabled ? 'on' : 'plain'}
      busy={pending}
      onPress={press}
    />
  );
}
