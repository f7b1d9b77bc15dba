/** Changes devices during the meeting, and remembers them for the next one. */
import { useRoomContext } from '@livekit/components-react';
import { useState } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { DeviceSelect } from '../../lobby/device-select.tsx';
import { useDeviceList } from '../../lobby/use-device-list.ts';
import { savePreferences } from '../../memory/preferences.ts';
import { useNotices } from '../../notices/notices-provider.tsx';

export function RoomDevices() {
  const { devices } = useMessages();
  // Not every browser lets a page choose where sound comes out.
  const choosesSpeaker = 'setSinkId' in HTMLMediaElement.prototype;
  const { lobby, settings } = useMessages();
  return (
    <>
      <RoomDevice kind="audioinput" label={lobby.microphone} preference="microphoneId" />
      <RoomDevice kind="videoinput" label={lobby.camera} preference="cameraId" />
      {choosesSpeaker ? (
        <RoomDevice kind="audiooutput" label={devices.speaker} preference="speakerId" />
      ) : (
        <p className="hint">{settings.noSpeakerChoice}</p>
      )}
    </>
  );
}

function RoomDevice(props: {
  readonly kind: MediaDeviceKind;
  readonly label: string;
  readonly preference: 'microphoneId' | 'cameraId' | 'speakerId';
}) {
  const room = useRoomContext();
  const { notices } = useMessages();
  const { notify } = useNotices();
  const list = useDeviceList(props.kind, room);
  const [chosenId, setChosenId] = useState(room.getActiveDevice(props.kind) ?? '');

  const choose = async (deviceId: string) => {
    try {
      await room.switchActiveDevice(props.kind, deviceId === '' ? 'default' : deviceId);
      setChosenId(deviceId);
      savePreferences({ [props.preference]: deviceId });
    } catch {
      notify(notices.deviceFailed, 'problem');
    }
  };
  return (
    <DeviceSelect label={props.label} devices={list} chosenId={chosenId} onChoose={(id) => void choose(id)} />
  );
}
