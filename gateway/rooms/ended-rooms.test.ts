import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EndedRooms } from './ended-rooms.ts';

describe('meetings that are over', () => {
  let held: string[];
  let gone: string[];
  let ended: EndedRooms;

  beforeEach(() => {
    held = [];
    gone = [];
    ended = new EndedRooms({ held: () => held, onGone: (room) => gone.push(room) });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const list = (seconds: number, ...open: string[]) =>
    ended.handleListed(
      open.map((room) => ({ room })),
      seconds * 1000,
    );

  it('are those that LiveKit has not named for a minute', () => {
    held = ['a', 'b'];
    list(0, 'a');
    list(50, 'a');
    expect(gone).toEqual([]);
    list(60, 'a');
    expect(gone).toEqual(['b']);
    held = ['a'];
    list(70, 'a');
    expect(gone).toEqual(['b']);
  });

  it('are NOT those that were away while LiveKit restarted', () => {
    held = ['a'];
    list(0);
    list(30, 'a');
    list(61);
    list(90);
    expect(gone).toEqual([]);
  });

  it('let in tokens of the next meeting in the same room, and no older ones', () => {
    const now = Math.floor(Date.now() / 1000);
    expect(ended.isOver('a', now - 3_000)).toBe(false);
    ended.handleFinished('a');
    expect(ended.isOver('a', now - 1)).toBe(true);
    expect(ended.isOver('a', now + 1)).toBe(false);
    expect(ended.isOver('b', now - 1)).toBe(false);
  });
});
