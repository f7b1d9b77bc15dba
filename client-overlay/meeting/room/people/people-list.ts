/** The list of people: its order and what a search finds. Pure. */
interface Listed {
  readonly name?: string | undefined;
  readonly isLocal: boolean;
}

/** Oneself first, then by name, and not by who speaks: a list that moves cannot be read. */
export function inNameOrder<Person extends Listed>(people: readonly Person[]): Person[] {
  return [...people].sort(
    (a, b) => Number(b.isLocal) - Number(a.isLocal) || (a.name ?? '').localeCompare(b.name ?? ''),
  );
}

/** Whose name has every word of the search in it, whatever its accents and case. */
export function matchingPeople<Person extends Listed>(people: readonly Person[], sought: string): Person[] {
  const words = folded(sought).split(/\s+/).filter(Boolean);
  return people.filter(({ name }) => {
    const text = folded(name ?? '');
    return words.every((word) => text.includes(word));
  });
}

function folded(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
}
