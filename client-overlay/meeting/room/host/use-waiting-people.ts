import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import type { WaitingList } from '../../../../protocol/room-api.ts';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { useRoomState } from '../use-room-state.ts';

export type WaitingPerson = WaitingList['waiting'][number];

/** Somebody at the door is not left standing longer than this before the host hears of it. */
const ASK_EVERY_MS = 2_500;

export interface WaitingPeople {
  readonly people: readonly WaitingPerson[];
  /** To be called after a decision, so that the list is right at once. */
  readonly refresh: () => void;
}

/** Who waits to be let in, for the host; nobody for anybody else. Asked only while there is a waiting room. */
export function useWaitingPeople(host: HostService | undefined): WaitingPeople {
  const { waiting, room } = useMessages();
  const { notify } = useNotices();
  const { access } = useRoomState();
  const [people, setPeople] = useState<readonly WaitingPerson[]>([]);
  const [asked, setAsked] = useState(0);
  const known = useRef<ReadonlySet<string>>(new Set());

  const take = useEffectEvent((list: readonly WaitingPerson[]) => {
    for (const { identity, name } of list) {
      if (!known.current.has(identity)) notify(waiting.came(name || room.someone));
    }
    known.current = new Set(list.map(({ identity }) => identity));
    setPeople((before) => (sameList(before, list) ? before : list));
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is a reason to ask again at once.
  useEffect(() => {
    if (host === undefined || access === 'open') {
      take([]);
      return;
    }
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      // An unanswered question changes nothing; the next one is asked all the same.
      const list = await host.waiting().catch(() => undefined);
      if (!current) return;
      if (list !== undefined) take(list.waiting);
      timer = setTimeout(() => void ask(), ASK_EVERY_MS);
    };
    void ask();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [host, access, asked]);

  const refresh = useCallback(() => setAsked((before) => before + 1), []);
  return { people, refresh };
}

function sameList(a: readonly WaitingPerson[], b: readonly WaitingPerson[]): boolean {
  return a.length === b.length && a.every(({ identity }, index) => identity === b[index]?.identity);
}
