import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { CaptionerService } from '../api/captioner-service.ts';
import { FeedQueue, type FeedState } from './feed-queue.ts';
import { asPiece } from './typed-text.ts';
import { type WrittenLine, withCorrection, withPiece } from './written-lines.ts';

/** The service brings the machine back when it hears nothing for 30 s. */
const SIGN_OF_LIFE_EVERY_MS = 10_000;

export interface Feed {
  readonly state: FeedState;
  readonly acknowledged: number;
  readonly lines: readonly WrittenLine[];
  /** Words of the line that is being written; `end`: and that is all of it. */
  readonly write: (
    words: string,
    options: { end: boolean; language: 'fr' | 'en'; speaker?: string | undefined },
  ) => void;
  readonly correct: (line: number, text: string) => void;
}

export function useFeed(service: CaptionerService, nextSequence: number, writing: boolean): Feed {
  const [, setChanges] = useState(0);
  const [lines, setLines] = useState<readonly WrittenLine[]>([]);
  const written = useRef(lines);
  const keep = useCallback((changed: readonly WrittenLine[]) => {
    written.current = changed;
    setLines(changed);
  }, []);
  const queue = useMemo(
    () =>
      new FeedQueue({
        nextSequence,
        send: (post) => service.write(post),
        onChange: () => setChanges((before) => before + 1),
      }),
    [service, nextSequence],
  );
  useEffect(() => {
    queue.open();
    return () => queue.close();
  }, [queue]);

  useEffect(() => {
    if (!writing) return;
    // Unanswered, it changes nothing: what is typed says the same.
    const tell = (at: boolean) => void service.setWriting(at).catch(() => {});
    const goAway = () => tell(false);
    tell(true);
    const timer = setInterval(() => tell(true), SIGN_OF_LIFE_EVERY_MS);
    addEventListener('pagehide', goAway);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', goAway);
      tell(false);
    };
  }, [service, writing]);

  const write: Feed['write'] = useCallback(
    (words, { end, language, speaker }) => {
      const last = written.current.at(-1);
      const open = last?.state === 'open' ? last : undefined;
      if (words === '' && open === undefined) return;
      const text = words === '' ? '' : asPiece(words, open?.text ?? '');
      const named = open === undefined && speaker !== undefined ? { speaker } : {};
      const sequence = queue.add({ text, end, language, ...named });
      if (sequence !== undefined) keep(withPiece(written.current, { sequence, text, end }));
    },
    [queue, keep],
  );
  const correct: Feed['correct'] = useCallback(
    (line, text) => {
      const sequence = queue.add({ text, corrects: line });
      if (sequence !== undefined) keep(withCorrection(written.current, { line, sequence, text }));
    },
    [queue, keep],
  );
  return { state: queue.state, acknowledged: queue.acknowledged, lines, write, correct };
}
