/** What stands for a person without a picture. Pure. */

const HUES = 6;

/** First letters of the first and the last word, without what is in brackets: “Marie de La Tour (Lyon)” gives MT. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/\(.*?\)/g, ' ')
    .split(/[\s-]+/)
    .filter((word) => /\p{L}|\p{N}/u.test(word));
  const first = words[0];
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [first, last].map((word) => firstLetter(word)).join('') || '?';
}

function firstLetter(word: string | undefined): string {
  return /\p{L}|\p{N}/u.exec(word ?? '')?.[0].toLocaleUpperCase() ?? '';
}

/** One of {@link HUES} colours, the same for everybody who looks at this person. */
export function hueOf(identity: string): number {
  let sum = 0;
  for (const character of identity) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % HUES;
}
