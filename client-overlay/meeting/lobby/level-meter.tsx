/** How loud the microphone is: a bar for the eyes, and a `meter` that can be asked but is not announced. */
import { useTrackVolume } from '@livekit/components-react';
import type { LocalAudioTrack } from 'livekit-client';
import { useMessages } from '../language/language-provider.tsx';

/** Speech at a normal distance gives about 0.3; the bar is full at 0.6. */
const FULL_AT = 0.6;

export function LevelMeter({ track }: { readonly track: LocalAudioTrack }) {
  const { lobby } = useMessages();
  const level = Math.min(1, useTrackVolume(track) / FULL_AT);
  return (
    <>
      <meter
        className="for-ears"
        aria-label={lobby.level}
        min={0}
        max={100}
        value={Math.round(level * 100)}
      />
      <div className="level-meter" aria-hidden="true">
        <div className="level" style={{ transform: `scaleX(${level})` }} />
      </div>
    </>
  );
}
