import { expect, it } from 'vitest';
import { packReaction, REACTIONS, unpackReaction } from './reaction.ts';

it('arrives as it was sent', () => {
  expect(new TextDecoder().decode(packReaction('agree'))).toBe('{"reaction":"agree"}');
  for (const reaction of REACTIONS) expect(unpackReaction(packReaction(reaction))).toBe(reaction);
});

it('is nothing where the message is anything else', () => {
  for (const text of ['', 'null', '{"reaction":"<b>"}', '{"reaction":7}', '[]']) {
    expect(unpackReaction(new TextEncoder().encode(text))).toBeNull();
  }
});
