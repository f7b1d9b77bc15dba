/** The person's own picture, mirrored, or a sentence that says why there is none. */
import type { LocalVideoTrack } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import type { PreviewDevice } from './preview-device.ts';

export function CameraPreview({ device }: { readonly device: PreviewDevice<LocalVideoTrack> }) {
  const { lobby, devices } = useMessages();
  const video = useRef<HTMLVideoElement>(null);
  const track = device.state === 'on' ? device.track : undefined;

  useEffect(() => {
    const element = video.current;
    if (track === undefined || element === null) return;
    track.attach(element);
    return () => {
      track.detach(element);
    };
  }, [track]);

  if (device.state === 'on') {
    return (
      <video ref={video} className="camera-preview" autoPlay muted playsInline aria-label={lobby.preview} />
    );
  }
  return <p className="camera-words">{devices.cameraStates[device.state]}</p>;
}
