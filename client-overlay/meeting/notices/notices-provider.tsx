/**
 * What the page tells a person in passing: `notify` shows a line for a few seconds and has it read out,
 * `announce` only has it read out. Both go through one polite live region, so that nothing is said twice, and
 * what is told at the same moment is all said.
 */

import { X } from 'lucide-react';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useMessages } from '../language/language-provider.tsx';

export interface Notices {
  readonly notify: (text: string, tone?: 'plain' | 'problem') => void;
  readonly announce: (text: string) => void;
}

interface ShownNotice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'problem';
}

/** Long enough to read two lines; problems stay twice as long. */
const SHOWN_MS = 6_000;
/** More would cover the meeting; the oldest goes first. */
const SHOWN_AT_ONCE = 3;
const SPOKEN_AT_ONCE = 3;

const NoticesContext = createContext<Notices>({ notify: () => {}, announce: () => {} });

export function useNotices(): Notices {
  return useContext(NoticesContext);
}

export function NoticesProvider({ children }: { readonly children: ReactNode }) {
  const messages = useMessages();
  const [shown, setShown] = useState<readonly ShownNotice[]>([]);
  const [spoken, setSpoken] = useState<readonly { readonly id: number; readonly text: string }[]>([]);
  const nextId = useRef(0);

  const announce = useCallback((text: string) => {
    const entry = { id: nextId.current++, text };
    setSpoken((before) => [...before, entry].slice(-SPOKEN_AT_ONCE));
  }, []);
  const notify = useCallback(
    (text: string, tone: 'plain' | 'problem' = 'plain') => {
      announce(text);
      const notice = { id: nextId.current++, text, tone };
      setShown((before) => [...before.filter((other) => other.text !== text), notice].slice(-SHOWN_AT_ONCE));
    },
    [announce],
  );
  const dismiss = useCallback((id: number) => {
    setShown((before) => before.filter((notice) => notice.id !== id));
  }, []);
  const notices = useMemo(() => ({ notify, announce }), [notify, announce]);

  return (
    <NoticesContext value={notices}>
      {children}
      {shown.length === 0 ? null : (
        <section className="notices" aria-label={messages.notices.title}>
          {shown.map((notice) => (
            <NoticeLine key={notice.id} notice={notice} onDismiss={dismiss} />
          ))}
        </section>
      )}
      {/* Only what is new is said, not the whole region again. */}
      <div className="for-ears" role="status" aria-live="polite" aria-atomic="false">
        {spoken.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
    </NoticesContext>
  );
}

function NoticeLine({
  notice,
  onDismiss,
}: {
  readonly notice: ShownNotice;
  readonly onDismiss: (id: number) => void;
}) {
  const messages = useMessages();
  useEffect(() => {
    const timer = setTimeout(() => onDismiss(notice.id), notice.tone === 'problem' ? 2 * SHOWN_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice, onDismiss]);
  return (
    <div className="notice" data-tone={notice.tone}>
      <p>{notice.text}</p>
      <button
        type="button"
        className="quiet-button"
        aria-label={messages.notices.dismiss}
        onClick={() => onDismiss(notice.id)}
      >
        <X aria-hidden size={18} />
      </button>
    </div>
  );
}
