/** Who is shown as being in the room. */
import type { TrackReferenceOrPlaceholder } from '@livekit/components-react';
import type { Participant } from 'livekit-client';

/** Agents that only listen are no participants; one that speaks or shows something (a demo voice) is. */
export function isShownParticipant(participant: Participant): boolean {
  return !participant.isAgent || participant.trackPublications.size > 0;
}

/** Who only writes the captions is in the list of people, and not on the stage. */
export function isOnStage(participant: Participant): boolean {
  return isShownParticipant(participant) && participant.attributes.role !== 'captioner';
}

/** Stable through muting, unlike a track sid, which a placeholder has not. */
export function tileIdOf(tile: TrackReferenceOrPlaceholder): string {
  return `${tile.participant.identity}:${tile.source}`;
}
