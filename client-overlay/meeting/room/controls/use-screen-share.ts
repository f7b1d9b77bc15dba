import { useTrackToggle } from '@livekit/components-react';
import { MediaDeviceFailure, Track } from 'livekit-client';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';

/** Telephones cannot share their screen: there it is not offered. */
export const canShareScreen = (): boolean => navigator.mediaDevices?.getDisplayMedia !== undefined;

/** What is played is no voice before a microphone: what is good for one mutilates music. */
const AS_IT_SOUNDS = { autoGainControl: false, echoCancellation: false, noiseSuppression: false };

export interface ScreenShare {
  readonly enabled: boolean;
  readonly pending: boolean;
  readonly toggle: () => void;
}

/** Shares the person's screen with its sound, or ends that; says so when it fails. */
export function useScreenShare(): ScreenShare {
  const { notices } = useMessages();
  const { notify } = useNotices();
  const { enabled, pending, toggle } = useTrackToggle({
    source: Track.Source.ScreenShare,
    captureOptions: {
      audio: AS_IT_SOUNDS,
      selfBrowserSurface: 'include',
      suppressLocalAudioPlayback: true,
    },
  });
  return {
    enabled,
    pending,
    toggle: () => {
      toggle().catch((failure: unknown) => {
        // Closing the browser's own dialog is a decision, not a failure.
        const declined = MediaDeviceFailure.getFailure(failure) === MediaDeviceFailure.PermissionDenied;
        if (!declined) notify(notices.shareFailed, 'problem');
      });
    },
  };
}
