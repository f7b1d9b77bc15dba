import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLOSE_CODES } from '../../protocol/close-codes.ts';
import { createLog } from '../../runtime/log.ts';
import { CaptionViewer } from '../../test/support/caption-viewer.ts';
import { TEST_SECRET } from '../../test/support/start-gateway.ts';
import { MemoryBus } from '../bus/memory-bus.ts';
import { GatewayMetrics } from '../metrics.ts';
import { AccessTokens } from '../rooms/access-tokens.ts';
import { CaptionHub } from './caption-hub.ts';
import { ClientAddresses } from './client-address.ts';
import { SocketServer } from './socket-server.ts';
import { ViewerSockets } from './viewer-socket.ts';

const tokens = new AccessTokens('APItest', TEST_SECRET);
const counts: number[] = [];
let sockets: SocketServer;
let viewers: ViewerSockets;
let hub: CaptionHub;
let url: string;

beforeAll(async () => {
  const metrics = new GatewayMetrics();
  sockets = await SocketServer.create();
  viewers = new ViewerSockets({
    app: sockets.app,
    tokens,
    addresses: new ClientAddresses({ trustedProxies: [], maxPerAddress: 10 }),
    metrics,
    historyCharacters: 1_000,
    isOver: () => false,
    isRemoved: () => false,
    isAllowedOrigin: () => false,
    isDraining: () => false,
    onViewerCount: (_room, count) => counts.push(count),
  });
  hub = new CaptionHub({
    limits: { maxAgeMs: 60_000, maxUtterances: 10, maxCharacters: 1_000 },
    bus: new MemoryBus(),
    publish: (room, message) => viewers.publish(room, message),
    viewersOf: (room) => viewers.countIn(room),
    metrics,
    log: createLog('test', 'silent'),
  });
  viewers.serve(hub);
  url = `ws://127.0.0.1:${await sockets.listen('127.0.0.1', 0)}`;
});
afterAll(() => {
  viewers.closeAll();
  hub.close();
  sockets.close();
});

const join = (): Promise<CaptionViewer> =>
  CaptionViewer.join(url, tokens.signCaptions({ room: 'room', identity: 'p-1' }).token);

it('counts viewers as they come and go', async () => {
  const one = await join();
  const other = await join();
  await one.close();
  await other.close();
  await expect.poll(() => counts).toEqual([1, 2, 1, 0]);
  counts.length = 0;
});

it('does NOT count down a finished room, which would look like one still watched', async () => {
  const one = await join();
  const other = await join();
  viewers.closeRoom('room');
  expect(await one.inbox.closed).toBe(CLOSE_CODES.roomClosed.code);
  expect(await other.inbox.closed).toBe(CLOSE_CODES.roomClosed.code);
  expect(counts).toEqual([1, 2]);
  expect(viewers.countIn('room')).toBe(0);
});
