import { useRoomContext } from '@livekit/components-react';
import { type RemoteParticipant, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { packReaction, REACTION_TOPIC, type Reaction, unpackReaction } from './reaction.ts';

export interface ShownReaction {
  readonly id: number;
  readonly reaction: Reaction;
  readonly name: string;
}

const SHOWN_MS = 4_000;
/** A hundred people may applaud at once; the oldest make room. */
const SHOWN_AT_ONCE = 12;
/** Faster than this one’s own are not sent, and others’ are shown without being read out. */
const SEND_EVERY_MS = 400;
const READ_OUT_EVERY_MS = 2_500;

export interface Reactions {
  readonly shown: readonly ShownReaction[];
  readonly react: (reaction: Reaction) => void;
}

export function useReactions(): Reactions {
  const room = useRoomContext();
  const { reactions, room: words } = useMessages();
  const { announce } = useNotices();
  const [shown, setShown] = useState<readonly ShownReaction[]>([]);
  const nextId = useRef(0);
  const sentAt = useRef(Number.NEGATIVE_INFINITY);
  const readOutAt = useRef(Number.NEGATIVE_INFINITY);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());

  const show = useCallback(
    (reaction: Reaction, name: string) => {
      const id = nextId.current++;
      setShown((before) => [...before, { id, reaction, name }].slice(-SHOWN_AT_ONCE));
      const timer = setTimeout(() => {
        timers.current.delete(timer);
        setShown((before) => before.filter((other) => other.id !== id));
      }, SHOWN_MS);
      timers.current.add(timer);
      const now = performance.now();
      if (now - readOutAt.current < READ_OUT_EVERY_MS) return;
      readOutAt.current = now;
      announce(reactions.from(name, reactions.names[reaction]));
    },
    [announce, reactions],
  );

  useEffect(() => {
    const handleData = (payload: Uint8Array, from?: RemoteParticipant, _kind?: unknown, topic?: string) => {
      if (topic !== REACTION_TOPIC || from === undefined) return;
      const reaction = unpackReaction(payload);
      if (reaction !== null) show(reaction, from.name || words.someone);
    };
    room.on(RoomEvent.DataReceived, handleData);
    return () => {
      room.off(RoomEvent.DataReceived, handleData);
    };
  }, [room, words, show]);

  useEffect(() => {
    const running = timers.current;
    return () => {
      for (const timer of running) clearTimeout(timer);
      running.clear();
    };
  }, []);

  const react = useCallback(
    (reaction: Reaction) => {
      const now = performance.now();
      if (now - sentAt.current < SEND_EVERY_MS) return;
      sentAt.current = now;
      show(reaction, room.localParticipant.name || words.someone);
      // Lost while reconnecting: a reaction that comes late would be to something else.
      room.localParticipant.publishData(packReaction(reaction), { topic: REACTION_TOPIC }).catch(() => {});
    },
    [room, words, show],
  );
  return { shown, react };
}
