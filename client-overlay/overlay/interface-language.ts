/** In which language a page speaks to a person. */
export type InterfaceLanguage = 'fr' | 'en';

/** The first of these BCP 47 tags that is French or English; English when none is. */
export function interfaceLanguage(...tags: readonly (string | null | undefined)[]): InterfaceLanguage {
  for (const tag of tags) {
    const primary = tag?.toLowerCase().split('-')[0];
    if (primary === 'fr' || primary === 'en') return primary;
  }
  return 'en';
}
