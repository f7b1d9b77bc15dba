/** Browsers play no sound before the first click on a page: says so and offers that click. */
import { useAudioPlayback } from '@livekit/components-react';
import { Volume2 } from 'lucide-react';
import { useMessages } from '../language/language-provider.tsx';

export function SoundNotice() {
  const { notices } = useMessages();
  const { canPlayAudio, startAudio } = useAudioPlayback();
  if (canPlayAudio) return null;
  return (
    <div className="banner" role="status">
      <p>{notices.soundBlocked}</p>
      <button type="button" className="button small" onClick={() => void startAudio()}>
        <Volume2 aria-hidden size={18} />
        {notices.startSound}
      </button>
    </div>
  );
}
