/** Before the room: name, camera, microphone. Everything is optional but the name. */
import type { LocalAudioTrack, LocalVideoTrack } from 'livekit-client';
import { type FormEvent, useRef, useState } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import { useTitle } from '../language/use-title.ts';
import { savePreferences, usePreferences } from '../memory/preferences.ts';
import { PageHeader } from '../page-header.tsx';
import { CaptionsPrivacy } from './captions-privacy.tsx';
import { DeviceSelect } from './device-select.tsx';
import { LevelMeter } from './level-meter.tsx';
import { NameField } from './name-field.tsx';
import { openCamera, openMicrophone } from './preview-device.ts';
import { PreviewTile } from './preview-tile.tsx';
import { SpeakerTest } from './speaker-test.tsx';
import { useDeviceList } from './use-device-list.ts';
import { usePreviewDevice } from './use-preview-device.ts';

export interface ReadyToJoin {
  readonly name: string;
  /** Devices that the room takes over, perhaps still being asked for; absent where none is wanted. */
  readonly microphone: Promise<LocalAudioTrack> | undefined;
  readonly camera: Promise<LocalVideoTrack> | undefined;
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
    // What cannot be seen is no name; the service takes it out as well.
    const trimmed = name.replace(/\p{C}/gu, '').trim();
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
          <div className="lobby-preview">
            <PreviewTile camera={camera.device} disabled={props.joining} />
            <p className="hint" role="status">
              {devices.microphoneStates[microphone.device.state]}
            </p>
            {microphone.device.state === 'on' ? <LevelMeter track={microphone.device.track} /> : null}
          </div>
          <div className="lobby-join">
            <h1>{lobby.title}</h1>
            <NameField
              ref={nameField}
              name={name}
              missing={nameMissing}
              onChange={(typed) => {
                setName(typed);
                setNameMissing(false);
              }}
            />
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
          </div>
          <div className="device-selects">
            <DeviceSelect
              label={lobby.microphone}
              devices={microphones}
              chosenId={preferences.microphoneId}
              disabled={props.joining}
              onChoose={(microphoneId) => savePreferences({ microphoneId })}
            />
            <DeviceSelect
              label={lobby.camera}
              devices={cameras}
              chosenId={preferences.cameraId}
              disabled={props.joining}
              onChoose={(cameraId) => savePreferences({ cameraId })}
            />
            <SpeakerTest asked={microphone.device.state} disabled={props.joining} />
          </div>
        </form>
      </main>
    </div>
  );
}
