/** The two languages as a pair of buttons, each named in its own language. */
import { savePreferences } from '../memory/preferences.ts';
import { type Language, useLanguage, useMessages } from './language-provider.tsx';

const LANGUAGES: readonly Language[] = ['fr', 'en'];

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
