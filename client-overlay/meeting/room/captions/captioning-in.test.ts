import { expect, it } from 'vitest';
import { captioningIn } from './captioning-in.ts';

it('reads what the gateway writes', () => {
  expect(captioningIn('{"language":"auto","captions":"on-demand","live":true}')).toEqual({
    mode: 'on-demand',
    live: true,
  });
  expect(captioningIn('{"captions":"always"}')).toEqual({ mode: 'always', live: false });
});

it('takes a room that says nothing, or nothing of ours, as captioned on demand', () => {
  for (const metadata of [undefined, '', 'null', '{', '{"captions":"loud","live":"yes"}']) {
    expect(captioningIn(metadata)).toEqual({ mode: 'on-demand', live: false });
  }
});
