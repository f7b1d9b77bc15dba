import { expect, it } from 'vitest';
import { type WrittenLine, withCorrection, withPiece } from './written-lines.ts';

const pieces = [
  { sequence: 1, text: 'Bonjour', end: false },
  { sequence: 2, text: ' à tous.', end: true },
  { sequence: 3, text: 'On', end: false },
];
const written = () => pieces.reduce<readonly WrittenLine[]>(withPiece, []);

it('grows a line until it is ended', () => {
  expect(
    written().map(({ sequence, lastSequence, text, state }) => [sequence, lastSequence, text, state]),
  ).toEqual([
    [1, 2, 'Bonjour à tous.', 'ended'],
    [3, 3, 'On', 'open'],
  ]);
});

it('ends a line that is corrected, and marks it', () => {
  const lines = withCorrection(written(), { line: 3, sequence: 4, text: 'On vote' });
  expect(lines.at(-1)).toMatchObject({ text: 'On vote', state: 'ended', corrected: true, lastSequence: 4 });
  expect(lines[0]).toMatchObject({ text: 'Bonjour à tous.', corrected: false });
});
