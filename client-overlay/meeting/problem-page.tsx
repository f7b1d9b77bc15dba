/** A whole page that says, in a sentence, what is in the way and what to do about it. */

import { useMessages } from './language/language-provider.tsx';
import type { Messages } from './language/messages-en.ts';
import { useTitle } from './language/use-title.ts';
import { goTo } from './navigation.ts';
import { PageHeader } from './page-header.tsx';

export type PageProblem =
  | 'unknown-room'
  | 'locked'
  | 'service-unreachable'
  | 'media-unreachable'
  | 'too-many'
  | 'failed'
  | 'nowhere';

function wordsFor(problem: PageProblem, { problems }: Messages): readonly [title: string, hint: string] {
  switch (problem) {
    case 'unknown-room':
      return [problems.unknownRoom, problems.unknownRoomHint];
    case 'locked':
      return [problems.locked, problems.lockedHint];
    case 'service-unreachable':
      return [problems.serviceUnreachable, problems.serviceUnreachableHint];
    case 'media-unreachable':
      return [problems.mediaUnreachable, problems.mediaUnreachableHint];
    case 'too-many':
      return [problems.tooMany, problems.tooManyHint];
    case 'failed':
      return [problems.failed, problems.failedHint];
    case 'nowhere':
      return [problems.nowhere, problems.nowhereHint];
  }
}

export function ProblemPage({
  kind,
  onRetry,
}: {
  readonly kind: PageProblem;
  readonly onRetry?: () => void;
}) {
  const messages = useMessages();
  useTitle(messages.titles.problem);
  const [title, hint] = wordsFor(kind, messages);
  return (
    <div className="page">
      <PageHeader />
      <main id="content" className="message-page">
        <div role="alert">
          <h1>{title}</h1>
          <p>{hint}</p>
        </div>
        <div className="actions">
          {onRetry === undefined ? null : (
            <button type="button" className="button primary" onClick={onRetry}>
              {messages.problems.retry}
            </button>
          )}
          <button
            type="button"
            className={onRetry === undefined ? 'button primary' : 'button'}
            onClick={() => goTo('/')}
          >
            {messages.problems.home}
          </button>
        </div>
      </main>
    </div>
  );
}
