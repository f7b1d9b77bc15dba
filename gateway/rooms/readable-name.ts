import { ProblemError } from '../http/problem-document.ts';

/** A name as typed, without what cannot be seen. `field`: JSON pointer of the input, for the refusal. */
export function readableName(typed: string, field = '/name'): string {
  const name = typed.normalize('NFC').replace(/\p{C}/gu, '').replace(/\s+/g, ' ').trim();
  if (name === '') throw new ProblemError(422, 'The name must have at least one visible character.', field);
  return name;
}
