import { expect, test } from 'vitest';
import { readPageParameters } from './page-parameters.ts';

test('a stream with its token, and how captions look', () => {
  expect(readPageParameters('#src=wss://a.example/captions&token=a.b.c&size=150&lang=fr&other=1')).toEqual({
    source: { kind: 'stream', src: 'wss://a.example/captions', token: 'a.b.c' },
    behind: null,
    attributes: { lang: 'fr', size: '150' },
  });
});

test('a room of this deployment, on a colour to be keyed out', () => {
  expect(readPageParameters('#room=abc&behind=%2300ff00')).toEqual({
    source: { kind: 'room', room: 'abc', name: 'Captions' },
    behind: '#00ff00',
    attributes: {},
  });
});

test.each(['', '#', '#src=wss://a.example', '#token=a', '#room='])(
  '“%s” names nothing to show',
  (fragment) => {
    expect(readPageParameters(fragment).source).toEqual({ kind: 'none' });
  },
);
