import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../runtime/log.ts';
import { GatewayMetrics } from '../metrics.ts';
import { CaptionDispatcher } from './caption-dispatcher.ts';
import type { LivekitRooms, OpenRoom } from './livekit-rooms.ts';
import { CAPTIONING_TIMES } from './room-captioning.ts';
import { RoomIds } from './room-id.ts';
import { RoomMetadataWriter } from './room-metadata.ts';

const ids = new RoomIds('a-secret-for-tests-of-more-than-32-characters');

describe('the dispatcher of agents', () => {
  let open: OpenRoom[];
  let asked: string[];
  let dispatcher: CaptionDispatcher;

  beforeEach(() => {
    vi.useFakeTimers();
    open = [];
    asked = [];
    const livekit = {
      list: async (rooms?: string[]) => open.filter(({ room }) => rooms?.includes(room) ?? true),
      isIn: async () => false,
      recall: async () => {},
      dispatch: async (room: string) => void asked.push(room),
      setMetadata: async (room: string, metadata: string) => {
        open = open.map((one) => (one.room === room ? { ...one, metadata } : one));
      },
    } as unknown as LivekitRooms;
    dispatcher = new CaptionDispatcher({
      livekit,
      roomMetadata: new RoomMetadataWriter(livekit),
      ids,
      defaultMode: 'on-demand',
      agentName: 'surtitre',
      times: CAPTIONING_TIMES,
      metrics: new GatewayMetrics(),
      log: createLog('test', 'silent'),
      setState: () => {},
      setOffRecord: () => {},
      onListed: () => {},
      isServed: () => false,
      hasAgents: () => true,
      leads: async () => true,
    });
    dispatcher.start();
  });
  afterEach(() => {
    dispatcher.close();
    vi.useRealTimers();
  });

  const newRoom = (captions: 'on-demand' | 'always', metadata = ''): string => {
    const room = ids.create({ language: 'auto', captions, access: 'open' });
    open.push({ room, participants: 1, metadata });
    return room;
  };
  const liveIn = (room: string): unknown =>
    JSON.parse(open.find((one) => one.room === room)?.metadata || '{}').live;

  it('asks for nothing while the gateway drains, although viewers go one by one', async () => {
    const room = newRoom('on-demand');
    dispatcher.setViewers(room, 3);
    await vi.advanceTimersByTimeAsync(0);
    dispatcher.onServed(room);
    expect(asked).toEqual([room]);
    dispatcher.close();
    dispatcher.setViewers(room, 2);
    dispatcher.onLost(room);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual([room]);
  });

  it('stops asking for an agent when the people who were on their way never came', async () => {
    const room = newRoom('always');
    open = [];
    dispatcher.handleJoin(room, { language: 'auto', captions: 'always', access: 'open' });
    await vi.advanceTimersByTimeAsync(90_000);
    const tries = asked.length;
    expect(tries).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(asked).toHaveLength(tries);
  });

  it('tells a room when it is captioned and when no more', async () => {
    const room = newRoom('on-demand', '{"language":"fr","captions":"on-demand"}');
    dispatcher.setViewers(room, 1);
    dispatcher.onServed(room);
    await vi.advanceTimersByTimeAsync(0);
    expect(open[0]?.metadata).toBe('{"language":"fr","captions":"on-demand","live":true}');
    dispatcher.setViewers(room, 0);
    await vi.advanceTimersByTimeAsync(CAPTIONING_TIMES.graceMs);
    expect(liveIn(room)).toBe(false);
  });

  it('takes back what a gateway that died had told a room', async () => {
    const room = newRoom('on-demand', '{"live":true}');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(liveIn(room)).toBe(false);
  });

  it('does NOT write into rooms that others made', async () => {
    open.push({ room: 'theirs', participants: 1, metadata: '' });
    dispatcher.onServed('theirs');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(open[0]?.metadata).toBe('');
  });
});
