import { useRoomContext } from '@livekit/components-react';
import { RoomEvent } from 'livekit-client';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { useRoomState } from '../use-room-state.ts';

/** Data messages of the gateway, about what the host did to this participant. */
const HOST_TOPIC = 'surtitre.host';

/** Tells a person what the host did to them, or to the room. */
export function useHostNotices(): void {
  const room = useRoomContext();
  const { fromHost } = useMessages();
  const { notify } = useNotices();
  const { offRecord, access } = useRoomState();

  const handleData = useEffectEvent((payload: Uint8Array) => {
    const source = mutedSource(payload);
    if (source !== undefined) notify(fromHost[source]);
  });
  useEffect(() => {
    const listener = (payload: Uint8Array, from?: unknown, _kind?: unknown, topic?: string) => {
      // Only the server sends without being a participant.
      if (topic === HOST_TOPIC && from === undefined) handleData(payload);
    };
    room.on(RoomEvent.DataReceived, listener);
    return () => {
      room.off(RoomEvent.DataReceived, listener);
    };
  }, [room]);

  const before = useRef({ offRecord: false, access });
  useEffect(() => {
    const { offRecord: wasOff, access: accessBefore } = before.current;
    before.current = { offRecord, access };
    if (offRecord !== wasOff) notify(offRecord ? fromHost.offRecord : fromHost.onRecord);
    if (access === 'locked' && accessBefore !== 'locked') notify(fromHost.locked);
  }, [offRecord, access, notify, fromHost]);
}

function mutedSource(payload: Uint8Array): 'microphone' | 'camera' | 'screen-share' | undefined {
  try {
    const { muted } = JSON.parse(new TextDecoder().decode(payload)) as { muted?: unknown };
    return muted === 'microphone' || muted === 'camera' || muted === 'screen-share' ? muted : undefined;
  } catch {
    return undefined;
  }
}
