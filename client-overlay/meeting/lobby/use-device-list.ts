import { useEffect, useState } from 'react';

export interface ListedDevice {
  readonly deviceId: string;
  /** Empty until the person has allowed this kind of device. */
  readonly label: string;
}

/**
 * The devices of a kind, kept current as they are plugged in and out. Never asks for permission: `asked` changes
 * when somebody else has asked, and the list is read again because only then do devices have names.
 */
export function useDeviceList(kind: MediaDeviceKind, asked: unknown): readonly ListedDevice[] {
  const [devices, setDevices] = useState<readonly ListedDevice[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is a reason to read again, not an input.
  useEffect(() => {
    const source = navigator.mediaDevices;
    if (source === undefined) return;
    let current = true;
    const read = () => {
      source.enumerateDevices().then(
        (found) => {
          // Before permission a single entry without id stands for “there is one”: nothing to choose from.
          if (current) setDevices(found.filter((device) => device.kind === kind && device.deviceId !== ''));
        },
        () => {},
      );
    };
    read();
    source.addEventListener('devicechange', read);
    return () => {
      current = false;
      source.removeEventListener('devicechange', read);
    };
  }, [kind, asked]);
  return devices;
}
