/** Holds one device open for the lobby. Whoever takes the track over calls `handOver`; otherwise it is stopped. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { lackOf, type PreviewDevice, type PreviewTrack } from './preview-device.ts';

export interface DevicePreview<T extends PreviewTrack> {
  readonly device: PreviewDevice<T>;
  /** Gives the open track away: from now on the caller stops it. */
  readonly handOver: () => T | undefined;
}

export function usePreviewDevice<T extends PreviewTrack>(
  open: (deviceId: string) => Promise<T>,
  wanted: boolean,
  deviceId: string,
): DevicePreview<T> {
  const [device, setDevice] = useState<PreviewDevice<T>>({ state: wanted ? 'asking' : 'off' });
  const held = useRef<T>(undefined);

  useEffect(() => {
    if (!wanted) {
      setDevice({ state: 'off' });
      return;
    }
    // The answer to a question that was withdrawn meanwhile (another device, or off) is stopped, not shown.
    let stillWanted = true;
    setDevice({ state: 'asking' });
    open(deviceId).then(
      (track) => {
        if (!stillWanted) {
          track.stop();
          return;
        }
        held.current = track;
        setDevice({ state: 'on', track });
      },
      (failure: unknown) => {
        if (stillWanted) setDevice({ state: lackOf(failure) });
      },
    );
    return () => {
      stillWanted = false;
      held.current?.stop();
      held.current = undefined;
    };
  }, [open, wanted, deviceId]);

  const handOver = useCallback(() => {
    const track = held.current;
    held.current = undefined;
    return track;
  }, []);

  return { device, handOver };
}
