/** Waiting to be let in: a LiveKit room in which one hears and sees nobody, and learns what the host decides. */
import { DisconnectReason, Room, RoomEvent } from 'livekit-client';
import type { WaitingResponse } from '../../../protocol/room-api.ts';

export type WaitingOutcome =
  /** `admission` opens the room. */
  | { readonly kind: 'admitted'; readonly admission: string }
  | { readonly kind: 'refused' }
  /** The meeting ended meanwhile. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'left' }
  | { readonly kind: 'lost' };

export interface WaitingSession {
  readonly outcome: Promise<WaitingOutcome>;
  leave(): void;
}

/** Rejects if the media server cannot be reached. */
export async function enterWaitingRoom(access: WaitingResponse): Promise<WaitingSession> {
  const room = new Room();
  const outcome = new Promise<WaitingOutcome>((resolve) => {
    const readDecision = () => {
      const { decision, admission } = room.localParticipant.attributes;
      if (decision === 'admitted' && admission !== undefined) resolve({ kind: 'admitted', admission });
      else if (decision === 'refused') resolve({ kind: 'refused' });
      else return;
      void room.disconnect();
    };
    room.on(RoomEvent.ParticipantAttributesChanged, readDecision);
    room.on(RoomEvent.Connected, readDecision);
    room.on(RoomEvent.Reconnected, readDecision);
    room.on(RoomEvent.Disconnected, (reason) => {
      // After a decision this changes nothing any more.
      if (reason === DisconnectReason.CLIENT_INITIATED) resolve({ kind: 'left' });
      else if (reason === DisconnectReason.ROOM_DELETED) resolve({ kind: 'ended' });
      else resolve({ kind: 'lost' });
    });
  });
  await room.connect(access.livekitUrl, access.livekitToken, { autoSubscribe: false });
  return { outcome, leave: () => void room.disconnect() };
}
