import { useEffect, useEffectEvent, useRef } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { useHandQueue } from './use-hand-queue.ts';

/** Tells who raises a hand, and that one's own was lowered. */
export function useHandAnnouncements(): void {
  const { notices, room } = useMessages();
  const { notify, announce } = useNotices();
  const hands = useHandQueue();
  const known = useRef<ReadonlyMap<string, boolean>>(undefined);
  const raised = hands.map(({ identity }) => identity).join(' ');

  const tell = useEffectEvent(() => {
    const before = known.current;
    known.current = new Map(hands.map(({ identity, isLocal }) => [identity, isLocal]));
    // Hands that were up when this person came are in the list, and no news.
    if (before === undefined) return;
    for (const person of hands) {
      if (!before.has(person.identity)) {
        const text = notices.handRaised(person.name || room.someone);
        if (person.isLocal) announce(text);
        else notify(text);
      }
    }
    for (const [identity, isLocal] of before) {
      if (isLocal && !known.current.has(identity)) announce(notices.yourHandLowered);
    }
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the queue is the reason to tell.
  useEffect(() => tell(), [raised]);
}
