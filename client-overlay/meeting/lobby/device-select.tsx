/** A list of devices of one kind. Native, so that it works with every keyboard, screen reader and telephone. */
import { useId } from 'react';
import { useMessages } from '../language/language-provider.tsx';
import type { ListedDevice } from './use-device-list.ts';

export function DeviceSelect(props: {
  readonly label: string;
  readonly devices: readonly ListedDevice[];
  readonly chosenId: string;
  readonly disabled?: boolean;
  readonly onChoose: (deviceId: string) => void;
}) {
  const { lobby } = useMessages();
  const id = useId();
  const known = props.devices.some((device) => device.deviceId === props.chosenId);
  return (
    <div className="device-select">
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        className="field"
        value={known ? props.chosenId : ''}
        disabled={props.disabled === true || props.devices.length === 0}
        onChange={(event) => props.onChoose(event.target.value)}
      >
        {known ? null : <option value="">{lobby.defaultDevice}</option>}
        {props.devices.map((device, position) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || lobby.deviceNumber(props.label, position + 1)}
          </option>
        ))}
      </select>
    </div>
  );
}
