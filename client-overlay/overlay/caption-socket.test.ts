import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { CLOSE_CODES } from '../../protocol/close-codes.ts';
import {
  packToViewer,
  type ToViewer,
  unpackFromViewer,
  type ViewerJoin,
} from '../../protocol/viewer-message.ts';
import { type CaptionDelivery, CaptionSocket, type SocketState } from './caption-socket.ts';

const STATUS: CaptionEvent = { type: 'status', state: 'live', sinceMs: 1 };

/** A gateway's end of the wire: each connection with its token and its join, said to whoever asks next. */
class Gateway {
  readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  readonly #joined: { peer: WebSocket; join: ViewerJoin; token: string }[] = [];
  #refuses = (_token: string) => false;

  constructor() {
    this.server.options.verifyClient = (info: { req: { headers: NodeJS.Dict<string | string[]> } }) =>
      !this.#refuses(tokenIn(info.req.headers));
    this.server.on('connection', (peer, request) => {
      peer.once('message', (bytes: Buffer) => {
        const join = unpackFromViewer(bytes);
        if (join.type !== 'join') throw new Error('a join comes first');
        this.#joined.push({ peer, join, token: tokenIn(request.headers) });
      });
    });
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/captions`;
  }

  refuse(rule: (token: string) => boolean): void {
    this.#refuses = rule;
  }

  async next() {
    return vi.waitFor(
      () => {
        const joined = this.#joined.shift();
        if (!joined) throw new Error('nobody has joined');
        return joined;
      },
      { timeout: 3_000, interval: 5 },
    );
  }
}

function tokenIn(headers: NodeJS.Dict<string | string[]>): string {
  return String(headers['sec-websocket-protocol']).split('bearer.')[1] ?? '';
}

function say(peer: WebSocket, message: ToViewer): void {
  peer.send(packToViewer(message));
}

function welcome(epoch: number, seq: number): ToViewer {
  return { type: 'welcome', epoch, seq, serverMs: 0, recovered: true, events: [] };
}

function frame(epoch: number, seq: number): ToViewer {
  return { type: 'frame', epoch, seq, times: null, events: [STATUS] };
}

let gateway: Gateway;
let socket: CaptionSocket;
let states: SocketState[];
let deliveries: CaptionDelivery[];
let tokensAsked: boolean[];
let token: () => Promise<string | null>;

beforeEach(async () => {
  gateway = new Gateway();
  await once(gateway.server, 'listening');
  states = [];
  deliveries = [];
  tokensAsked = [];
  token = async () => 'a-token';
  socket = new CaptionSocket({
    url: gateway.url,
    getToken: (refused) => {
      tokensAsked.push(refused);
      return token();
    },
    onDelivery: (delivery) => deliveries.push(delivery),
    onState: (state) => states.push(state),
    createSocket: (url, protocols) => new WebSocket(url, protocols) as unknown as globalThis.WebSocket,
    random: () => 0,
  });
});

afterEach(async () => {
  socket.stop();
  for (const peer of gateway.server.clients) peer.terminate();
  await new Promise((resolve) => gateway.server.close(resolve));
});

async function reach(state: SocketState['state']): Promise<SocketState> {
  return vi.waitFor(() => {
    if (socket.state.state !== state) throw new Error(`${socket.state.state}, not ${state}`);
    return socket.state;
  });
}

async function delivered(count: number): Promise<void> {
  await vi.waitFor(() => expect(deliveries).toHaveLength(count));
}

test('joins with its token and no position, and hands on what comes', async () => {
  socket.start();
  const { peer, join, token: offered } = await gateway.next();
  expect(offered).toBe('a-token');
  expect(peer.protocol).toBe('surtitre.captions.v1');
  expect(join).toEqual({ type: 'join', epoch: 0, seq: 0 });
  say(peer, welcome(7, 3));
  say(peer, frame(7, 4));
  await delivered(2);
  expect(states.map(({ state }) => state)).toEqual(['connecting', 'open']);
  expect(deliveries[0]?.welcome).toMatchObject({ recovered: true });
  expect(deliveries[1]).toMatchObject({ events: [STATUS], welcome: null });
});

describe('comes back with its position', () => {
  const reasons: [string, (peer: WebSocket) => void][] = [
    ['when a frame is missing', (peer) => say(peer, frame(7, 6))],
    ['when another epoch begins', (peer) => say(peer, frame(8, 5))],
    ['when a heartbeat is ahead', (peer) => say(peer, { type: 'heartbeat', epoch: 7, seq: 5, serverMs: 0 })],
    ['when the connection breaks', (peer) => peer.terminate()],
    ['when it was too slow', (peer) => peer.close(CLOSE_CODES.tooSlow.code)],
    ['when the gateway restarts', (peer) => peer.close(CLOSE_CODES.goingAway.code)],
    ['when bytes are no message', (peer) => peer.send(new Uint8Array([0xc1]))],
    ['when text comes', (peer) => peer.send('hello')],
    ['when it is asked to move', (peer) => say(peer, { type: 'move', delayMs: 10 })],
  ];
  test.each(reasons)('%s', async (_name, cause) => {
    socket.start();
    const first = await gateway.next();
    say(first.peer, welcome(7, 3));
    say(first.peer, frame(7, 4));
    await delivered(2);
    cause(first.peer);
    const second = await gateway.next();
    expect(second.join).toEqual({ type: 'join', epoch: 7, seq: 4 });
    expect(deliveries).toHaveLength(2);
  });
});

test('hands a repeated frame on once', async () => {
  socket.start();
  const { peer } = await gateway.next();
  say(peer, welcome(7, 3));
  for (const seq of [4, 4, 3, 5]) say(peer, frame(7, seq));
  await delivered(3);
});

test('asks for everything when what came does not fit together', async () => {
  socket.start();
  say((await gateway.next()).peer, welcome(7, 3));
  await reach('open');
  socket.refetch();
  expect((await gateway.next()).join).toEqual({ type: 'join', epoch: 0, seq: 0 });
});

describe('stops for good', () => {
  test.each([
    ['room-closed', CLOSE_CODES.roomClosed.code],
    ['refused', CLOSE_CODES.malformed.code],
  ])('%s', async (cause, code) => {
    socket.start();
    (await gateway.next()).peer.close(code);
    expect(await reach('stopped')).toEqual({ state: 'stopped', cause });
  });
});

describe('tokens', () => {
  test('an expired one is asked for anew', async () => {
    socket.start();
    (await gateway.next()).peer.close(CLOSE_CODES.tokenExpired.code);
    await gateway.next();
    expect(tokensAsked).toEqual([false, true]);
  });

  test('a refused upgrade, of which a browser tells nothing, renews it too', async () => {
    gateway.refuse((offered) => offered === 'a-token');
    socket.start();
    await reach('waiting');
    token = async () => 'another';
    expect((await gateway.next()).token).toBe('another');
    expect(tokensAsked).toEqual([false, true]);
  });

  test('without one it waits until there is one', async () => {
    token = async () => null;
    socket.start();
    expect(await reach('waiting')).toMatchObject({ cause: 'token' });
    token = async () => 'late';
    socket.retry();
    expect((await gateway.next()).token).toBe('late');
  });

  test('a token service that fails is asked again', async () => {
    token = () => Promise.reject(new Error('service down'));
    socket.start();
    await reach('waiting');
    token = async () => 'at-last';
    expect((await gateway.next()).token).toBe('at-last');
  });

  test('one that comes after the captions were switched off opens nothing', async () => {
    let give: (value: string) => void = () => {};
    token = () =>
      new Promise((resolve) => {
        give = resolve;
      });
    socket.start();
    socket.stop();
    give('too-late');
    await Promise.resolve();
    expect(socket.state).toEqual({ state: 'idle' });
    expect(gateway.server.clients.size).toBe(0);
  });
});

test('switched off and on again it fetches what it missed', async () => {
  socket.start();
  const first = await gateway.next();
  say(first.peer, welcome(7, 3));
  await reach('open');
  const closed = once(first.peer, 'close');
  socket.stop();
  await closed;
  socket.start();
  expect((await gateway.next()).join).toEqual({ type: 'join', epoch: 7, seq: 3 });
});

test('a connection from which nothing comes is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    socket.start();
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(12_499);
    expect(socket.state.state).toBe('connecting');
    await vi.advanceTimersByTimeAsync(2);
    expect(socket.state).toMatchObject({ state: 'waiting', attempt: 1 });
  } finally {
    vi.useRealTimers();
  }
});
