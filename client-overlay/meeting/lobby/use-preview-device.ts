/** Holds one device open for the lobby. Whoever takes it over calls `handOver`; otherwise it is stopped. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { lackOf, type PreviewDevice, type PreviewTrack, stopWhenOpen } from './preview-device.ts';

export interface DevicePreview<T extends PreviewTrack> {
  readonly device: PreviewDevice<T>;
  /**
   * Gives the device away: from now on the caller stops it. A promise, because a person may join while the
   * browser still asks for permission; it is rejected where there is none.
   */
  readonly handOver: () => Promise<T> | undefined;
}

export function usePreviewDevice<T extends PreviewTrack>(
  open: (deviceId: string) => Promise<T>,
  wanted: boolean,
  deviceId: string,
): DevicePreview<T> {
  const [device, setDevice] = useState<PreviewDevice<T>>({ state: wanted ? 'asking' : 'off' });
  const held = useRef<Promise<T>>(undefined);

  useEffect(() => {
    if (!wanted) {
      setDevice({ state: 'off' });
      return;
    }
    const opening = open(deviceId);
    held.current = opening;
    setDevice({ state: 'asking' });
    // An answer that comes after another device was chosen, or none, is not shown.
    let shown = true;
    opening.then(
      (track) => {
        if (shown) setDevice({ state: 'on', track });
      },
      (failure: unknown) => {
        if (shown) setDevice({ state: lackOf(failure) });
      },
    );
    return () => {
      shown = false;
      if (held.current !== opening) return;
      held.current = undefined;
      stopWhenOpen(opening);
    };
  }, [open, wanted, deviceId]);

  const handOver = useCallback(() => {
    const opening = held.current;
    held.current = undefined;
    return opening;
  }, []);

  return { device, handOver };
}
