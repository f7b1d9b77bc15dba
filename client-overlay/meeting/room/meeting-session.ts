/** Getting into a room, or into its waiting room: everything that needs no screen. */
import { setLogLevel } from '@livekit/components-react';
import {
  ConnectionError,
  ConnectionState,
  DisconnectReason,
  type LocalTrack,
  Room,
  type RoomOptions,
  ScreenSharePresets,
  VideoPresets,
} from 'livekit-client';
import type { JoinRoomResponse } from '../../../protocol/room-api.ts';
import { HostService } from '../api/host-service.ts';
import { joinRoom } from '../api/room-service.ts';
import { type PreviewTrack, stopWhenOpen } from '../lobby/preview-device.ts';
import { hostKeyOf } from '../memory/host-keys.ts';
import { currentPreferences } from '../memory/preferences.ts';
import { enterWaitingRoom, type WaitingSession } from './waiting-session.ts';

// At their chattier levels the libraries write participants' names to the console, and the one for components
// reports as errors what it then repairs itself.
setLogLevel('silent', { liveKitClientLogLevel: 'error' });

export interface MeetingSession {
  readonly room: Room;
  readonly access: JoinRoomResponse;
  /** Present where this browser may act as the host. */
  readonly host: HostService | undefined;
}

/** The video server refused or could not be reached, while the room service could. */
export class MediaUnreachable extends Error {
  override readonly name = 'MediaUnreachable';
}

export interface JoinChoice {
  readonly roomId: string;
  readonly name: string;
  /** What the person got ready, perhaps still being asked for. */
  readonly devices: readonly Promise<PreviewTrack>[];
  /** From the waiting room. */
  readonly admission?: string | undefined;
}

export type Entry =
  | { readonly at: 'room'; readonly session: MeetingSession }
  | { readonly at: 'waiting'; readonly waiting: WaitingSession };

/**
 * Joins, and publishes what the person got ready as soon as it is. Takes the devices over: unless the person has to
 * wait, and then needs them later, they are stopped whatever happens. Throws `ServiceProblem` or
 * {@link MediaUnreachable}.
 */
export async function openSession({ roomId, name, devices, admission }: JoinChoice): Promise<Entry> {
  const room = new Room(roomOptions());
  const unreachable = (cause: unknown): never => {
    throw new MediaUnreachable(`cannot connect to the video server: ${reasonOf(cause)}`, { cause });
  };
  try {
    const hostKey = hostKeyOf(roomId);
    const access = await joinRoom(roomId, {
      name,
      ...(hostKey === undefined ? {} : { hostKey }),
      ...(admission === undefined ? {} : { admission }),
    });
    if ('waiting' in access) {
      return { at: 'waiting', waiting: await enterWaitingRoom(access).catch(unreachable) };
    }
    await room.connect(access.livekitUrl, access.livekitToken).catch(unreachable);
    for (const device of devices) publishWhenOpen(room, device);
    const { speakerId } = currentPreferences();
    if (speakerId !== '') await room.switchActiveDevice('audiooutput', speakerId).catch(() => {});
    const host =
      access.role === 'host' && hostKey !== undefined ? new HostService(roomId, hostKey) : undefined;
    return { at: 'room', session: { room, access, host } };
  } catch (failure) {
    for (const device of devices) stopWhenOpen(device);
    await room.disconnect();
    throw failure;
  }
}

/** A device that cannot be had or published leaves the person in the room without it; its button says so. */
function publishWhenOpen(room: Room, device: Promise<PreviewTrack>): void {
  device
    .then(async (track) => {
      const left = room.state === ConnectionState.Disconnected;
      // Its button may have been pressed while the browser was still asking.
      if (left || room.localParticipant.getTrackPublication(track.source) !== undefined) track.stop();
      // (The cast: under exactOptionalPropertyTypes the library's own subclasses do not fit their base.)
      else await room.localParticipant.publishTrack(track as LocalTrack);
    })
    .catch(() => {});
}

function roomOptions(): RoomOptions {
  const { microphoneId, cameraId } = currentPreferences();
  return {
    adaptiveStream: true,
    dynacast: true,
    audioCaptureDefaults: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(microphoneId === '' ? {} : { deviceId: { ideal: microphoneId } }),
    },
    videoCaptureDefaults: {
      resolution: VideoPresets.h720.resolution,
      ...(cameraId === '' ? {} : { deviceId: { ideal: cameraId } }),
    },
    publishDefaults: {
      simulcast: true,
      videoSimulcastLayers: [VideoPresets.h180, VideoPresets.h360],
      screenShareEncoding: ScreenSharePresets.h1080fps15.encoding,
      red: true,
      dtx: true,
    },
  };
}

function reasonOf(cause: unknown): string {
  return cause instanceof ConnectionError ? cause.reasonName : String(cause);
}

/** How a stay in a room ended, as far as it matters to the person. */
export type LeftReason =
  | 'by-choice'
  | 'lost'
  | 'elsewhere'
  | 'removed'
  | 'ended'
  /** The host did not let the person in. */
  | 'refused'
  | 'stopped-waiting';

export function leftReasonOf(reason: DisconnectReason | undefined): LeftReason {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return 'by-choice';
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'elsewhere';
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'removed';
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return 'ended';
    default:
      return 'lost';
  }
}
