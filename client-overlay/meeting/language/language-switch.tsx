/** The two languages as a pair of buttons, each named in its own language. */

import type { InterfaceLanguage } from '../../overlay/interface-language.ts';
import { savePreferences } from '../memory/preferences.ts';
import { useLanguage, useMessages } from './language-provider.tsx';

const LANGUAGES: readonly InterfaceLanguage[] = ['fr', 'en'];

export function LanguageSwitch() {
  const messages = useMessages();
  const current = useLanguage();
  return (
    <fieldset className="language-switch">
      <legend className="for-ears">{messages.language.label}</legend>
      {LANGUAGES.map((language) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={language === current}
          onClick={() => savePreferences({ language })}
        >
          {messages.language[language]}
        </button>
      ))}
    </fieldset>
  );
}
