/** After the room: why it ended for this person, and the ways on. */
import { useMessages } from '../language/language-provider.tsx';
import type { Messages } from '../language/messages-en.ts';
import { useTitle } from '../language/use-title.ts';
import { goTo } from '../navigation.ts';
import { PageHeader } from '../page-header.tsx';
import type { LeftReason } from './meeting-session.ts';

function wordsFor(reason: LeftReason, { left }: Messages): readonly [title: string, hint: string | null] {
  switch (reason) {
    case 'by-choice':
      return [left.byChoice, null];
    case 'lost':
      return [left.lost, left.lostHint];
    case 'elsewhere':
      return [left.elsewhere, left.elsewhereHint];
    case 'removed':
      return [left.removed, null];
    case 'ended':
      return [left.ended, null];
    case 'refused':
      return [left.refused, left.refusedHint];
    case 'stopped-waiting':
      return [left.waitingEnded, null];
  }
}

export function LeftPage({
  reason,
  onRejoin,
}: {
  readonly reason: LeftReason;
  readonly onRejoin: () => void;
}) {
  const messages = useMessages();
  useTitle(messages.titles.problem);
  const [title, hint] = wordsFor(reason, messages);
  return (
    <div className="page">
      <PageHeader />
      <main id="content" className="message-page">
        <div role="status">
          <h1>{title}</h1>
          {hint === null ? null : <p>{hint}</p>}
        </div>
        <div className="actions">
          {reason === 'ended' || reason === 'refused' ? null : (
            <button type="button" className="button primary" onClick={onRejoin}>
              {messages.left.rejoin}
            </button>
          )}
          <button type="button" className="button" onClick={() => goTo('/')}>
            {messages.left.home}
          </button>
        </div>
      </main>
    </div>
  );
}
