import { expect, it } from 'vitest';
import { roomStateIn } from './room-state.ts';

const DEFAULTS = { mode: 'on-demand', live: false, access: 'open', offRecord: false };

it('reads what the gateway wrote into the room', () => {
  expect(roomStateIn('{"captions":"always","live":true,"access":"waiting-room","offRecord":true}')).toEqual({
    mode: 'always',
    live: true,
    access: 'waiting-room',
    offRecord: true,
  });
});

it('takes the defaults where the metadata is another product’s, or nothing', () => {
  for (const metadata of [undefined, '', 'null', '[]', '{', '{"captions":7,"live":"yes","access":"ajar"}']) {
    expect(roomStateIn(metadata)).toEqual(DEFAULTS);
  }
});
