/** Chooses the language (the person's choice, else the browser's, else English) and tells the document. */
import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { type InterfaceLanguage, interfaceLanguage } from '../../overlay/interface-language.ts';
import { usePreferences } from '../memory/preferences.ts';
import type { Messages } from './messages-en.ts';
import { messagesEn } from './messages-en.ts';
import { messagesFr } from './messages-fr.ts';

const CATALOGUES: Readonly<Record<InterfaceLanguage, Messages>> = { fr: messagesFr, en: messagesEn };

interface LanguageInUse {
  readonly language: InterfaceLanguage;
  readonly messages: Messages;
}

const LanguageContext = createContext<LanguageInUse>({ language: 'en', messages: messagesEn });

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const chosen = usePreferences().language;
  const language = chosen ?? interfaceLanguage(...navigator.languages);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <LanguageContext value={{ language, messages: CATALOGUES[language] }}>{children}</LanguageContext>;
}

export function useLanguage(): InterfaceLanguage {
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
