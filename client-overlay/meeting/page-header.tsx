/** The top of every page but the room: the name and the language. */

import { useMessages } from './language/language-provider.tsx';
import { LanguageSwitch } from './language/language-switch.tsx';
import { goTo } from './navigation.ts';

export function PageHeader() {
  const messages = useMessages();
  return (
    <header className="page-header">
      <a className="skip-link" href="#content">
        {messages.skipToContent}
      </a>
      <a
        className="wordmark"
        href="/"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          goTo('/');
        }}
      >
        <svg className="wordmark-sign" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
          <rect className="sign-ground" width="32" height="32" rx="8" />
          <rect className="sign-first-line" x="6" y="9" width="20" height="4" rx="2" />
          <rect className="sign-second-line" x="6" y="16" width="13" height="4" rx="2" />
          <rect className="sign-stage" x="6" y="25" width="20" height="1.6" rx=".8" />
        </svg>
        {messages.product}
      </a>
      <LanguageSwitch />
    </header>
  );
}
