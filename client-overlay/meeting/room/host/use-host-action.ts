import { useCallback } from 'react';
import { ServiceProblem } from '../../api/service-problem.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { problemWords } from '../../problem-words.ts';

/** Does something as the host and says how it went; what is not said here is seen by itself. */
export function useHostAction(): (action: Promise<unknown>, done?: string) => void {
  const messages = useMessages();
  const { notify } = useNotices();
  return useCallback(
    (action, done) => {
      action.then(
        () => {
          if (done !== undefined) notify(done);
        },
        (failure: unknown) => {
          const known = failure instanceof ServiceProblem && failure.kind !== 'unknown-room';
          notify(
            known && failure.kind === 'too-many-requests'
              ? problemWords(failure, messages)
              : messages.host.failed,
            'problem',
          );
        },
      );
    },
    [messages, notify],
  );
}
