import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoomIds } from './room-id.ts';

const ids = new RoomIds('a-secret-for-tests-of-more-than-32-characters');
const settings = fc.record({
  language: fc.constantFrom('auto' as const, 'fr' as const, 'en' as const),
  captions: fc.constantFrom('on-demand' as const, 'always' as const, 'off' as const),
  access: fc.constantFrom('open' as const, 'waiting-room' as const, 'locked' as const),
});

describe('a room id', () => {
  it('carries what its creator chose, for any gateway with the same secret', () => {
    const other = new RoomIds('a-secret-for-tests-of-more-than-32-characters');
    fc.assert(
      fc.property(settings, (chosen) => {
        expect(other.read(ids.create(chosen))).toEqual(chosen);
      }),
    );
  });

  it('is five groups of four lower-case letters and digits, never the same twice', () => {
    const made = Array.from({ length: 200 }, () =>
      ids.create({ language: 'fr', captions: 'always', access: 'open' }),
    );
    for (const id of made) expect(id).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){4}$/);
    expect(new Set(made).size).toBe(made.length);
  });

  it('that was made up, changed, regrouped or made with another secret is unknown', () => {
    const id = ids.create({ language: 'auto', captions: 'on-demand', access: 'open' });
    const changed = `${id.startsWith('a') ? 'b' : 'a'}${id.slice(1)}`;
    const stranger = new RoomIds('another-secret-for-tests-of-32-characters').create({
      language: 'auto',
      captions: 'on-demand',
      access: 'open',
    });
    for (const wrong of [changed, stranger, id.toUpperCase(), id.replaceAll('-', ''), `${id}-`, '', 'a']) {
      expect(ids.read(wrong)).toBeNull();
    }
    fc.assert(fc.property(fc.string(), (text) => ids.read(text) === null));
  });
});

describe('a host key', () => {
  it('opens its own room only', () => {
    const [room, other] = [1, 2].map(() =>
      ids.create({ language: 'fr', captions: 'off', access: 'open' }),
    ) as [string, string];
    expect(ids.isHostKey(room, ids.hostKey(room))).toBe(true);
    expect(ids.isHostKey(room, ids.hostKey(other))).toBe(false);
    expect(ids.isHostKey(room, '')).toBe(false);
  });
});
