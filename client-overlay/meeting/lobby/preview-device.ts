/** The state of one device while a person gets ready, and how it is obtained. */
import {
  createLocalAudioTrack,
  createLocalVideoTrack,
  type LocalAudioTrack,
  type LocalVideoTrack,
  MediaDeviceFailure,
  VideoPresets,
} from 'livekit-client';

export type PreviewTrack = LocalAudioTrack | LocalVideoTrack;

/** Why there is no track although one was wanted. */
export type DeviceLack = 'missing' | 'refused' | 'busy' | 'unsupported';

export type PreviewDevice<T extends PreviewTrack> =
  | { readonly state: 'off' | 'asking' | DeviceLack }
  | { readonly state: 'on'; readonly track: T };

/** `deviceId` empty: the system's choice. An unplugged device falls back to it as well. */
export function openMicrophone(deviceId: string): Promise<LocalAudioTrack> {
  return createLocalAudioTrack({
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(deviceId === '' ? {} : { deviceId: { ideal: deviceId } }),
  });
}

export function openCamera(deviceId: string): Promise<LocalVideoTrack> {
  return createLocalVideoTrack({
    resolution: VideoPresets.h720.resolution,
    ...(deviceId === '' ? {} : { deviceId: { ideal: deviceId } }),
  });
}

export function lackOf(failure: unknown): DeviceLack {
  // Without a secure context, browsers hide the whole API.
  if (navigator.mediaDevices === undefined) return 'unsupported';
  switch (MediaDeviceFailure.getFailure(failure)) {
    case MediaDeviceFailure.PermissionDenied:
      return 'refused';
    case MediaDeviceFailure.NotFound:
      return 'missing';
    case MediaDeviceFailure.DeviceInUse:
      return 'busy';
    default:
      return 'missing';
  }
}

export function stopWhenOpen(opening: Promise<PreviewTrack>): void {
  opening.then(
    (track) => track.stop(),
    () => {},
  );
}
