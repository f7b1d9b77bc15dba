/** Chooses the language (the person's choice, else the browser's, else English) and tells the document. */
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { usePreferences } from '../memory/preferences.ts';
import type { Messages } from './messages-en.ts';
import { messagesEn } from './messages-en.ts';
import { messagesFr } from './messages-fr.ts';

export type Language = 'fr' | 'en';

const CATALOGUES: Readonly<Record<Language, Messages>> = { fr: messagesFr, en: messagesEn };

interface LanguageInUse {
  readonly language: Language;
  readonly messages: Messages;
}

const LanguageContext = createContext<LanguageInUse>({ language: 'en', messages: messagesEn });

/** The first of a browser's preferred languages that we speak. */
function browserLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'fr' || primary === 'en') return primary;
  }
  return 'en';
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const chosen = usePreferences().language;
  const language = chosen ?? browserLanguage(navigator.languages);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <LanguageContext value={{ language, messages: CATALOGUES[language] }}>{children}</LanguageContext>;
}

export function useLanguage(): Language {
  return useContext(LanguageContext).language;
}

export function useMessages(): Messages {
  return useContext(LanguageContext).messages;
}

/** For dates and times: the browser's own variant of the language in use, so that a clock reads as it does elsewhere. */
export function useLocale(): string {
  const language = useLanguage();
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
}
