import { expect, it } from 'vitest';
import { hueOf, initialsOf } from './initials.ts';

it.each([
  ['Marie de La Tour', 'MT'],
  ['Jean-Baptiste', 'JB'],
  ['élodie', 'É'],
  ['Gaëlle (démo)', 'G'],
  ['  ', '?'],
  ['🙂', '?'],
])('gives %j the initials %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

it('gives the same person the same colour and different people several', () => {
  const identities = Array.from({ length: 50 }, (_, number) => `p-${number}`);
  expect(identities.map(hueOf)).toEqual(identities.map(hueOf));
  expect(new Set(identities.map(hueOf)).size).toBeGreaterThan(3);
});
