import { useMessages } from './language/language-provider.tsx';
import { useTitle } from './language/use-title.ts';

/** While a room is entered for which there is nothing to get ready, or its code is on the way. */
export function WaitingPage() {
  const messages = useMessages();
  useTitle(messages.titles.room);
  return (
    <main className="waiting-page">
      <div role="status">
        <h1>{messages.lobby.entering}</h1>
      </div>
    </main>
  );
}
