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

it('keeps its order and finds one of 150', () => {
  const people = Array.from({ length: 150 }, (_, index) =>
    person(`Person ${String(150 - index).padStart(3, '0')}`),
  );
  const ordered = names(inNameOrder([...people, person('Ana', true)]));
  expect(ordered.slice(0, 3)).toEqual(['Ana', 'Person 001', 'Person 002']);
  expect(ordered).toHaveLength(151);
  expect(names(matchingPeople(people, 'person 137'))).toEqual(['Person 137']);
});
