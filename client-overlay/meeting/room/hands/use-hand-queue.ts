import { useParticipants } from '@livekit/components-react';
import { type LocalParticipant, type RemoteParticipant, RoomEvent } from 'livekit-client';
import { handQueue } from './hand-queue.ts';

export function useHandQueue(): (RemoteParticipant | LocalParticipant)[] {
  return handQueue(useParticipants({ updateOnlyOn: [RoomEvent.ParticipantAttributesChanged] }));
}
