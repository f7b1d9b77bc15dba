/** Before the room: name, camera, microphone. Everything is optional but the name. */

import type { LocalAudioTrack, LocalVideoTrack } from 'livekit-client';
import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import { useTitle } from '../language/use-title.ts';
import { savePreferences, usePreferences } from '../memory/preferences.ts';
import { PageHeader } from '../page-header.tsx';
import { CameraPreview } from './camera-preview.tsx';
import { CaptionsPrivacy } from './captions-privacy.tsx';
import { DeviceSelect } from './device-select.tsx';
import { LevelMeter } from './level-meter.tsx';
import { openCamera, openMicrophone } from './preview-device.ts';
import { useDeviceList } from './use-device-list.ts';
import { usePreviewDevice } from './use-preview-device.ts';

export interface ReadyToJoin {
  readonly name: string;
  /** Open tracks that the room takes over; absent where the person joins without. */
  readonly microphone: LocalAudioTrack | undefined;
  readonly camera: LocalVideoTrack | undefined;
}

export function LobbyPage(props: {
  readonly joining: boolean;
  readonly onJoin: (ready: ReadyToJoin) => void;
}) {
  const messages = useMessages();
  const { lobby, devices } = messages;
  const preferences = usePreferences();
  const [name, setName] = useState(preferences.name);
  const [nameMissing, setNameMissing] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);
  const microphone = usePreviewDevice(openMicrophone, preferences.microphoneOn, preferences.microphoneId);
  const camera = usePreviewDevice(openCamera, preferences.cameraOn, preferences.cameraId);
  const microphones = useDeviceList('audioinput', microphone.device.state);
  const cameras = useDeviceList('videoinput', camera.device.state);
  useTitle(messages.titles.lobby);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (props.joining) return;
    const trimmed = name.trim();
    if (trimmed === '') {
      setNameMissing(true);
      nameField.current?.focus();
      return;
    }
    savePreferences({ name: trimmed });
    props.onJoin({ name: trimmed, microphone: microphone.handOver(), camera: camera.handOver() });
  };

  return (
    <div className="page">
      <PageHeader />
      <main id="content">
        <form className="lobby" onSubmit={submit} noValidate>
          <section className="lobby-devices" aria-label={lobby.preview}>
            <div className="preview-tile">
              <CameraPreview device={camera.device} />
              <div className="preview-buttons">
                <button
                  type="button"
                  className="round-button"
                  disabled={props.joining}
                  data-on={preferences.microphoneOn}
                  aria-label={preferences.microphoneOn ? lobby.microphoneOn : lobby.microphoneOff}
                  onClick={() => savePreferences({ microphoneOn: !preferences.microphoneOn })}
                >
                  {preferences.microphoneOn ? <Mic aria-hidden /> : <MicOff aria-hidden />}
                </button>
                <button
                  type="button"
                  className="round-button"
                  disabled={props.joining}
                  data-on={preferences.cameraOn}
                  aria-label={preferences.cameraOn ? lobby.cameraOn : lobby.cameraOff}
                  onClick={() => savePreferences({ cameraOn: !preferences.cameraOn })}
                >
                  {preferences.cameraOn ? <Video aria-hidden /> : <VideoOff aria-hidden />}
                </button>
              </div>
            </div>
            <p className="hint microphone-words" role="status">
              {devices.microphoneStates[microphone.device.state]}
            </p>
            {microphone.device.state === 'on' ? <LevelMeter track={microphone.device.track} /> : null}
            <div className="device-selects">
              <DeviceSelect
                disabled={props.joining}
                label={lobby.microphone}
                devices={microphones}
                chosenId={preferences.microphoneId}
                onChoose={(microphoneId) => savePreferences({ microphoneId })}
              />
              <DeviceSelect
                disabled={props.joining}
                label={lobby.camera}
                devices={cameras}
                chosenId={preferences.cameraId}
                onChoose={(cameraId) => savePreferences({ cameraId })}
              />
            </div>
          </section>
          <section className="lobby-join">
            <h1>{lobby.title}</h1>
            <label htmlFor="participant-name">{lobby.name}</label>
            <input
              ref={nameField}
              id="participant-name"
              className="field"
              type="text"
              autoComplete="name"
              maxLength={80}
              value={name}
              aria-describedby="participant-name-hint"
              aria-invalid={nameMissing}
              onChange={(event) => {
                setName(event.target.value);
                setNameMissing(false);
              }}
            />
            <p
              id="participant-name-hint"
              className={nameMissing ? 'mistake' : 'hint'}
              role={nameMissing ? 'alert' : undefined}
            >
              {nameMissing ? lobby.nameMissing : lobby.nameHint}
            </p>
            <label className="check">
              <input
                type="checkbox"
                checked={preferences.alwaysCaptions}
                onChange={(event) => savePreferences({ alwaysCaptions: event.target.checked })}
              />
              {lobby.alwaysCaptions}
            </label>
            <button type="submit" className="button primary large" aria-disabled={props.joining}>
              {props.joining ? lobby.joining : lobby.join}
            </button>
            <CaptionsPrivacy />
          </section>
        </form>
      </main>
    </div>
  );
}
