import { useCallback } from 'react';
import { ServiceProblem } from '../../api/service-problem.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { problemWords } from '../../problem-words.ts';

/** Does something as the host and says how it went: `done`, if that is not seen by itself, or `failed`. */
export function useHostAction(): (action: Promise<unknown>, done?: string, failed?: string) => void {
  const messages = useMessages();
  const { notify } = useNotices();
  return useCallback(
    (action, done, failed = messages.host.failed) => {
      action.then(
        () => {
          if (done !== undefined) notify(done);
        },
        (failure: unknown) => {
          const known = failure instanceof ServiceProblem && failure.kind !== 'unknown-room';
          notify(
            known && failure.kind === 'too-many-requests' ? problemWords(failure, messages) : failed,
            'problem',
          );
        },
      );
    },
    [messages, notify],
  );
}
