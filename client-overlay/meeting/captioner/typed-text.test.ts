import { expect, it } from 'vitest';
import { asPiece, splitTyped } from './typed-text.ts';

it('lets whole words go and keeps the one being typed', () => {
  expect(splitTyped('bon')).toEqual({ ready: '', rest: 'bon' });
  expect(splitTyped('bonjour ')).toEqual({ ready: 'bonjour', rest: '' });
  expect(splitTyped('bonjour à to')).toEqual({ ready: 'bonjour à', rest: 'to' });
  expect(splitTyped(' ')).toEqual({ ready: '', rest: '' });
});

it('puts a space before every word of a line but the first', () => {
  expect(asPiece('bonjour', '')).toBe('bonjour');
  expect(asPiece('à tous', 'bonjour')).toBe(' à tous');
});
