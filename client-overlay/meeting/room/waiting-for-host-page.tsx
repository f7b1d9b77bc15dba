/** Until the host lets this person in. */
import { useMessages } from '../language/language-provider.tsx';
import { useTitle } from '../language/use-title.ts';
import { PageHeader } from '../page-header.tsx';

export function WaitingForHostPage({ onLeave }: { readonly onLeave: () => void }) {
  const { waiting, titles } = useMessages();
  useTitle(titles.lobby);
  return (
    <div className="page">
      <PageHeader />
      <main id="content" className="message-page">
        <div role="status">
          <h1>{waiting.title}</h1>
          <p>{waiting.hint}</p>
          <p>{waiting.connected}</p>
        </div>
        <div className="waiting-line" aria-hidden="true" />
        <div className="actions">
          <button type="button" className="button" onClick={onLeave}>
            {waiting.leave}
          </button>
        </div>
      </main>
    </div>
  );
}
