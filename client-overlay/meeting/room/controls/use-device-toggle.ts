import { useTrackToggle } from '@livekit/components-react';
import { MediaDeviceFailure, Track } from 'livekit-client';
import { useMessages } from '../../language/language-provider.tsx';
import { savePreferences } from '../../memory/preferences.ts';
import { useNotices } from '../../notices/notices-provider.tsx';

export interface DeviceToggle {
  readonly enabled: boolean;
  readonly pending: boolean;
  readonly toggle: () => void;
}

/** Turns the microphone or the camera on and off, remembers the choice, and says why a device does not start. */
export function useDeviceToggle(source: Track.Source.Microphone | Track.Source.Camera): DeviceToggle {
  const { notices } = useMessages();
  const { notify } = useNotices();
  const { enabled, pending, toggle } = useTrackToggle({ source });
  const isMicrophone = source === Track.Source.Microphone;
  const failures = isMicrophone
    ? { refused: notices.microphoneRefused, missing: notices.microphoneMissing }
    : { refused: notices.cameraRefused, missing: notices.cameraMissing };
  return {
    enabled,
    pending,
    toggle: () => {
      if (pending) return;
      savePreferences(isMicrophone ? { microphoneOn: !enabled } : { cameraOn: !enabled });
      toggle().catch((failure: unknown) => {
        const kind = MediaDeviceFailure.getFailure(failure);
        const refused = kind === MediaDeviceFailure.PermissionDenied;
        const missing = kind === MediaDeviceFailure.NotFound;
        notify(refused ? failures.refused : missing ? failures.missing : notices.deviceFailed, 'problem');
      });
    },
  };
}
