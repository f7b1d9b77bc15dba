import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { useEffect, useEffectEvent } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { isShownParticipant } from '../stage/shown-participants.ts';

/** Arrivals within this time are told together: when a meeting begins, thirty names in a row would help nobody. */
const COLLECT_MS = 1_500;

/** Has it read out when people come and go. */
export function usePresenceAnnouncements(room: Room): void {
  const messages = useMessages();
  const { announce } = useNotices();

  const tell = useEffectEvent((came: readonly string[], went: readonly string[]) => {
    const words = messages.room;
    const parts = [
      came.length > 1
        ? words.manyJoined(came.length)
        : came.map((name) => words.joined(name || words.someone)),
      went.length > 1
        ? words.manyLeft(went.length)
        : went.map((name) => words.leftRoom(name || words.someone)),
    ].flat();
    announce(parts.join('. '));
  });

  useEffect(() => {
    let came: string[] = [];
    let went: string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const collect = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        tell(came, went);
        came = [];
        went = [];
      }, COLLECT_MS);
    };
    const handleConnected = (participant: Participant) => {
      if (!isShownParticipant(participant)) return;
      came.push(participant.name ?? '');
      collect();
    };
    const handleDisconnected = (participant: Participant) => {
      if (!isShownParticipant(participant)) return;
      went.push(participant.name ?? '');
      collect();
    };
    room.on(RoomEvent.ParticipantConnected, handleConnected);
    room.on(RoomEvent.ParticipantDisconnected, handleDisconnected);
    return () => {
      clearTimeout(timer);
      room.off(RoomEvent.ParticipantConnected, handleConnected);
      room.off(RoomEvent.ParticipantDisconnected, handleDisconnected);
    };
  }, [room]);
}
