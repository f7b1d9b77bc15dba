import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { createLog } from '../../runtime/log.ts';
import { UplinkReceiver } from '../../test/support/uplink-receiver.ts';
import { GatewayUplink, type GatewayUplinkOptions } from './gateway-uplink.ts';

const SECRET = 'a-secret-that-is-long-enough-for-hs256';
const TIMES = {
  audioMs: 1000,
  readUs: 1,
  gatheredUs: 2,
  steppedUs: 3,
  sentUs: 0,
  receivedUs: 0,
  publishedUs: 0,
};
const word = (utterance: number): CaptionEvent[] => [
  { type: 'closed', utterance, length: 4, endMs: 1000 + utterance },
];

describe('the uplink', () => {
  let gateway: UplinkReceiver;
  let uplink: GatewayUplink;

  beforeEach(async () => {
    gateway = await new UplinkReceiver(SECRET).start();
  });
  afterEach(async () => {
    await uplink.close(0);
    await gateway.stop();
  });

  function connect(options: Partial<GatewayUplinkOptions> = {}): GatewayUplink {
    uplink = new GatewayUplink({
      url: gateway.url,
      apiSecret: SECRET,
      agentId: 'agent',
      sessionId: 'session',
      maxTotalBytes: 1_000_000,
      log: createLog('test', 'silent'),
      ...options,
    });
    uplink.connect();
    return uplink;
  }

  const numbers = (room = 'salon') =>
    gateway.frames.filter((frame) => frame.room === room).map((frame) => frame.number);

  it('numbers the frames of each room from 1 and stamps when they were sent', async () => {
    connect();
    uplink.send('salon', word(1), TIMES);
    uplink.send('bureau', word(2), null);
    uplink.send('salon', word(3), null);
    await gateway.until(({ frames }) => frames.length === 3);
    expect(numbers()).toEqual([1, 2]);
    expect(numbers('bureau')).toEqual([1]);
    expect(gateway.frames[0]?.times?.sentUs).toBeGreaterThan(0);
    expect(gateway.frames.filter(({ room }) => room === 'salon').flatMap(({ events }) => events)).toEqual([
      ...word(1),
      ...word(3),
    ]);
  });

  it('sends what came while the gateway was away, without holes or duplicates', async () => {
    connect();
    uplink.send('salon', word(1), null);
    await gateway.until(({ frames }) => frames.length === 1);
    await gateway.stop();
    uplink.send('salon', word(2), null);
    uplink.send('salon', word(3), null);
    await gateway.start();
    await gateway.until(({ frames }) => frames.length === 3);
    expect(numbers()).toEqual([1, 2, 3]);
    expect(gateway.holes).toEqual([]);
    expect(gateway.duplicates).toEqual([]);
  });

  it('tells a gateway that restarted empty the whole history, and that as no measure of latency', async () => {
    connect();
    for (let number = 1; number <= 5; number += 1) uplink.send('salon', word(number), TIMES);
    await gateway.until(({ frames }) => frames.length === 5);
    await gateway.stop({ forget: true });
    await gateway.start();
    await gateway.until(({ frames }) => frames.length === 10);
    expect(numbers()).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
    expect(gateway.frames[9]?.times).toBeNull();
    expect(gateway.hellos).toEqual(['session', 'session']);
  });

  it('loses the oldest frames of a room that is full, counts them, and leaves a visible hole', async () => {
    let lost = 0;
    gateway.acknowledge = false;
    connect({ maxTotalBytes: 2_000, onFramesLost: (count) => (lost += count) });
    uplink.send('salon', word(1), null);
    await gateway.until(({ frames }) => frames.length === 1);
    await gateway.stop();
    for (let number = 2; number <= 200; number += 1) uplink.send('salon', word(number), null);
    expect(uplink.heldBytes).toBeLessThanOrEqual(2_000);
    await gateway.start();
    await gateway.until(({ frames }) => frames.at(-1)?.number === 200);
    expect(gateway.holes).toHaveLength(1);
    expect(lost).toBe((numbers()[1] ?? 0) - 1);
    expect(lost).toBeGreaterThan(50);
  });

  it('waits for a gateway that reads slowly, and then sends all of it in order', async () => {
    const rooms = Array.from({ length: 12 }, (_, index) => `room-${index}`);
    const paragraph: CaptionEvent[] = [
      { type: 'appended', utterance: 1, offset: 0, text: 'x'.repeat(20_000), startMs: 0, endMs: 1 },
    ];
    connect({ maxTotalBytes: 100_000_000 });
    await gateway.until(({ hellos }) => hellos.length === 1);
    gateway.pause();
    for (let number = 1; number <= 40; number += 1) {
      for (const room of rooms) uplink.send(room, paragraph, null);
    }
    expect(uplink.bufferedBytes).toBeLessThan(1_100_000);
    gateway.resume();
    await gateway.until(({ frames }) => frames.length === 40 * rooms.length);
    expect(gateway.holes).toEqual([]);
    expect(gateway.duplicates).toEqual([]);
  });

  it('says that a room was left after its last frame, again after a reconnect', async () => {
    connect();
    uplink.send('salon', word(1), null);
    uplink.leave('salon');
    await gateway.until(({ left }) => left.length === 1);
    expect(numbers()).toEqual([1]);
    await gateway.stop();
    await gateway.start();
    await gateway.until(({ left }) => left.length === 2);
    expect(gateway.duplicates).toEqual([]);
  });

  it('goes on counting in a room to which it comes back', async () => {
    connect();
    uplink.send('salon', word(1), null);
    uplink.leave('salon');
    uplink.send('salon', word(2), null);
    await gateway.until(({ frames }) => frames.length === 2);
    expect(numbers()).toEqual([1, 2]);
  });

  it('closes only after the gateway has everything', async () => {
    connect();
    await gateway.until(({ hellos }) => hellos.length === 1);
    for (let number = 1; number <= 50; number += 1) uplink.send('salon', word(number), null);
    uplink.leave('salon');
    await uplink.close(5_000);
    expect(numbers()).toHaveLength(50);
    expect(gateway.left).toEqual(['salon']);
  });

  it('does NOT wait longer than its deadline for a gateway that acknowledges nothing', async () => {
    gateway.acknowledge = false;
    connect();
    uplink.send('salon', word(1), null);
    await gateway.until(({ frames }) => frames.length === 1);
    await uplink.close(50);
    expect(uplink.state).toBe('closed');
  });
});
