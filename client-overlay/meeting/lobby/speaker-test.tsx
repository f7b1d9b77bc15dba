/** Chooses the loudspeaker, where the browser lets a page do that, and plays three tones on it. */
import { Volume2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import { savePreferences, usePreferences } from '../memory/preferences.ts';
import { DeviceSelect } from './device-select.tsx';
import { testTones } from './test-tones.ts';
import { useDeviceList } from './use-device-list.ts';

type TestState = 'idle' | 'playing' | 'played' | 'failed';

export function SpeakerTest({ asked, disabled }: { readonly asked: unknown; readonly disabled: boolean }) {
  const { lobby, devices } = useMessages();
  const { speakerId } = usePreferences();
  const speakers = useDeviceList('audiooutput', asked);
  const choosesSpeaker = 'setSinkId' in HTMLMediaElement.prototype;
  const [state, setState] = useState<TestState>('idle');
  const playing = useRef<HTMLAudioElement>(undefined);
  useEffect(() => () => playing.current?.pause(), []);

  const play = async () => {
    if (state === 'playing') return;
    setState('playing');
    const address = URL.createObjectURL(testTones());
    const audio = new Audio(address);
    playing.current = audio;
    try {
      if (choosesSpeaker && speakerId !== '') await audio.setSinkId(speakerId);
      const ended = new Promise((resolve, reject) => {
        audio.onended = resolve;
        audio.onerror = reject;
      });
      await audio.play();
      await ended;
      setState('played');
    } catch {
      setState('failed');
    } finally {
      URL.revokeObjectURL(address);
    }
  };

  return (
    <div className="speaker-test">
      {choosesSpeaker ? (
        <DeviceSelect
          label={devices.speaker}
          devices={speakers}
          chosenId={speakerId}
          disabled={disabled}
          onChoose={(chosen) => savePreferences({ speakerId: chosen })}
        />
      ) : null}
      <button
        type="button"
        className="button small"
        aria-disabled={state === 'playing'}
        onClick={() => void play()}
      >
        <Volume2 aria-hidden size={18} />
        {lobby.testSpeaker}
      </button>
      <p className="hint" role="status">
        {state === 'playing' ? lobby.testingSpeaker : null}
        {state === 'played' ? lobby.speakerTested : null}
        {state === 'failed' ? lobby.speakerFailed : null}
      </p>
    </div>
  );
}
