/** The person as the others will see them, with the two switches on the picture. */
import type { LocalVideoTrack } from 'livekit-client';
import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import { useMessages } from '../language/language-provider.tsx';
import { savePreferences, usePreferences } from '../memory/preferences.ts';
import { CameraPreview } from './camera-preview.tsx';
import type { PreviewDevice } from './preview-device.ts';

export function PreviewTile(props: {
  readonly camera: PreviewDevice<LocalVideoTrack>;
  readonly disabled: boolean;
}) {
  const { lobby } = useMessages();
  const { microphoneOn, cameraOn } = usePreferences();
  return (
    <div className="preview-tile">
      <CameraPreview device={props.camera} />
      <div className="preview-buttons">
        <button
          type="button"
          className="round-button"
          disabled={props.disabled}
          data-on={microphoneOn}
          aria-label={microphoneOn ? lobby.microphoneOn : lobby.microphoneOff}
          onClick={() => savePreferences({ microphoneOn: !microphoneOn })}
        >
          {microphoneOn ? <Mic aria-hidden /> : <MicOff aria-hidden />}
        </button>
        <button
          type="button"
          className="round-button"
          disabled={props.disabled}
          data-on={cameraOn}
          aria-label={cameraOn ? lobby.cameraOn : lobby.cameraOff}
          onClick={() => savePreferences({ cameraOn: !cameraOn })}
        >
          {cameraOn ? <Video aria-hidden /> : <VideoOff aria-hidden />}
        </button>
      </div>
    </div>
  );
}
