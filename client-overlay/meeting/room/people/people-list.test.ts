import { expect, it } from 'vitest';
import { inNameOrder, matchingPeople } from './people-list.ts';

const person = (name: string | undefined, isLocal = false) => ({ name, isLocal });
const names = (people: readonly { name: string | undefined }[]) => people.map(({ name }) => name);

it('has oneself first and the others by name', () => {
  const people = [person('Zoé'), person('Étienne'), person('Max', true), person('Eva'), person(undefined)];
  expect(names(inNameOrder(people))).toEqual(['Max', undefined, 'Étienne', 'Eva', 'Zoé']);
});

it('is searched by any part of the name, without regard to accents or case', () => {
  const people = [person('Étienne Le Gall'), person('Eva Stern'), person(undefined)];
  expect(names(matchingPeople(people, 'etienne'))).toEqual(['Étienne Le Gall']);
  expect(names(matchingPeople(people, 'GALL éti'))).toEqual(['Étienne Le Gall']);
  expect(matchingPeople(people, '  ')).toHaveLength(3);
  expect(matchingPeople(people, 'nobody')).toEqual([]);
});
