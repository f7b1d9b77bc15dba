/**
 * rtc-node 1.1.0 frees a room only in `disconnect()`, which does nothing when the server ended the room first: its
 * listener stays and is run for every audio frame of the process. A process that lives for thousands of meetings
 * would slow down with each. The native handle is left to the garbage collector: dropped by hand it was dropped
 * twice ("trying to drop an invalid handle"), which ends the process. Delete this file when rtc-node frees by itself.
 */
import type { Room } from '@livekit/rtc-node';

interface Internals {
  readonly onFfiEvent?: (event: unknown) => void;
}

interface FfiClient {
  off(event: 'ffi_event', listener: (event: unknown) => void): void;
  listenerCount(event: 'ffi_event'): number;
}

/** Call once after the room has told that it is disconnected. */
export function releaseRoom(room: Room): void {
  const { onFfiEvent } = room as unknown as Internals;
  if (onFfiEvent) ffiClient()?.off('ffi_event', onFfiEvent);
  room.removeAllListeners();
}

/** For tests: rooms, streams and requests that listen to all events of rtc-node. */
export function rtcListenerCount(): number {
  return ffiClient()?.listenerCount('ffi_event') ?? 0;
}

function ffiClient(): FfiClient | undefined {
  return (globalThis as { _ffiClientInstance?: FfiClient })._ffiClientInstance;
}
