import { describe, expect, it } from 'vitest';
import { roomIdFromInput, routeOf } from './addresses.ts';

const ROOM = 'abcd-efgh-ijkl-mnop-qrst';

describe('routeOf', () => {
  it('knows the start, rooms, and everything else', () => {
    expect(routeOf('/', null)).toEqual({ page: 'home' });
    expect(routeOf(`/r/${ROOM}`, null)).toEqual({ page: 'room', roomId: ROOM, entry: 'lobby' });
    expect(routeOf(`/r/${ROOM}/`, 'demo')).toEqual({ page: 'room', roomId: ROOM, entry: 'demo' });
    expect(routeOf(`/captioner/${ROOM}`, null)).toEqual({ page: 'captioner', roomId: ROOM });
    expect(routeOf('/r/short', null)).toEqual({ page: 'nowhere' });
    expect(routeOf('/admin', null)).toEqual({ page: 'nowhere' });
  });
});

describe('roomIdFromInput', () => {
  it.each([
    ['a whole link', `https://meet.example.org/r/${ROOM}`],
    ['a link with a query and a fragment', `https://meet.example.org/r/${ROOM}?from=mail#x`],
    ['a path', `/r/${ROOM}`],
    ['the end of a link', `r/${ROOM}`],
    ['a code with spaces around it', `  ${ROOM} `],
  ])('takes %s', (_what, input) => {
    expect(roomIdFromInput(input)).toBe(ROOM);
  });

  it.each(['', 'hello', 'https://example.org/', 'https://example.org/r/a b c d e f', 'two words here'])(
    'does NOT take %j',
    (input) => {
      expect(roomIdFromInput(input)).toBeUndefined();
    },
  );
});
