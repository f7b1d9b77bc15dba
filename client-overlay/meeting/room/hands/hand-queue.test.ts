import { expect, it } from 'vitest';
import { handQueue } from './hand-queue.ts';

const person = (identity: string, hand?: string) => ({
  identity,
  attributes: hand === undefined ? {} : { hand },
});

it('is in the order of raising, whoever joined first', () => {
  const people = [person('a', '30'), person('b'), person('c', '10'), person('d', '20')];
  expect(handQueue(people).map(({ identity }) => identity)).toEqual(['c', 'd', 'a']);
});

it('leaves out lowered hands and what is no time; two at the same time have one order for everybody', () => {
  const people = [person('z', '10'), person('y', '10'), person('x', ''), person('w', 'soon')];
  expect(handQueue(people).map(({ identity }) => identity)).toEqual(['y', 'z']);
});
