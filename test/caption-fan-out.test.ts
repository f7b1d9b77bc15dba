/** Agents' frames to viewers' sockets through a real gateway: order, recovery, and every way it goes wrong. */
import { createSigner } from 'fast-jwt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { CLOSE_CODES } from '../protocol/close-codes.ts';
import { CAPTIONS_AUDIENCE } from '../protocol/connection.ts';
import { packFromViewer } from '../protocol/viewer-message.ts';
import { CaptionViewer, opened } from './support/caption-viewer.ts';
import { inOneHour, startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './support/uplink-agent.ts';

let gateway: TestGateway;
let lastRoom = 0;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const newRoom = (): string => `room-${++lastRoom}`;

const viewerToken = (room: string, claims: Record<string, unknown> = {}): string =>
  gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room, exp: inOneHour(), ...claims });

const view = (room: string, position = { epoch: 0, seq: 0 }): Promise<CaptionViewer> =>
  CaptionViewer.join(gateway.socketUrl, viewerToken(room), position);

const connectAgent = (sessionId?: string, rooms?: readonly string[]): Promise<UplinkAgent> =>
  UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken(), sessionId, rooms);

const textOf = (events: readonly CaptionEvent[]): string =>
  events.map((event) => (event.type === 'appended' || event.type === 'restored' ? event.text : '')).join('');

const gapsOf = (events: readonly CaptionEvent[]) => events.filter(({ type }) => type === 'gap');

describe('a viewer', () => {
  it('gets each frame once and in order, with the times of all stages', async () => {
    const room = newRoom();
    const viewer = await view(room);
    const agent = await connectAgent();
    const audioMs = Date.now() - 100;
    const times = {
      audioMs,
      readUs: 1_000,
      gatheredUs: 2_000,
      steppedUs: 50_000,
      sentUs: 51_000,
      receivedUs: 0,
      publishedUs: 0,
    };
    agent.frame(room, 1, [live(1), openedUtterance(1)]);
    for (let number = 2; number <= 50; number += 1) {
      agent.frame(room, number, [appendedText(1, (number - 2) * 2, ' a')], times);
    }
    await agent.acked(room, 50);
    await viewer.inbox.until(() => textOf(viewer.events).length === 98);
    const frames = viewer.inbox.all.flatMap((message) => (message.type === 'frame' ? [message] : []));
    const first = viewer.welcome.seq + 1;
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => first + index));
    const stamped = frames.at(-1)?.times;
    expect(stamped).toMatchObject({ audioMs, sentUs: 51_000 });
    expect(stamped?.receivedUs).toBeGreaterThan(99_000);
    expect(stamped?.publishedUs).toBeGreaterThanOrEqual(stamped?.receivedUs ?? 0);
  });

  it('that comes late gets all that is held, open utterances included', async () => {
    const room = newRoom();
    const agent = await connectAgent();
    agent.frame(room, 1, [live(1), openedUtterance(1, 1_000), appendedText(1, 0, 'hello', 1_000)]);
    agent.frame(room, 2, [{ type: 'closed', utterance: 1, length: 5, endMs: 1_100 }]);
    agent.frame(room, 3, [openedUtterance(2, 2_000), appendedText(2, 0, 'still', 2_000)]);
    await agent.acked(room, 3);
    const { welcome } = await view(room);
    expect(welcome.recovered).toBe(true);
    expect(welcome.events).toMatchObject([
      { type: 'restored', utterance: 1, text: 'hello', wordTimes: [0, 100], endMs: 1_100 },
      { type: 'restored', utterance: 2, text: 'still', endMs: null },
      { type: 'status', state: 'live' },
    ]);
  });

  it('that resumes gets what changed since, and nothing else', async () => {
    const room = newRoom();
    const viewer = await view(room);
    const agent = await connectAgent();
    agent.frame(room, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'first')]);
    agent.frame(room, 2, [{ type: 'closed', utterance: 1, length: 5, endMs: 100 }, openedUtterance(2)]);
    await viewer.untilEvent(({ type }) => type === 'closed');
    const { position } = viewer;
    await viewer.close();
    agent.frame(room, 3, [appendedText(2, 0, 'second')]);
    await agent.acked(room, 3);
    const returned = await view(room, position);
    expect(returned.welcome.recovered).toBe(true);
    expect(returned.welcome.events).toMatchObject([
      { type: 'restored', utterance: 2, text: 'second' },
      { type: 'status' },
    ]);
  });

  it('that knows another gateway’s numbering gets everything', async () => {
    const room = newRoom();
    const agent = await connectAgent();
    agent.frame(room, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'all')]);
    await agent.acked(room, 1);
    const { welcome } = await view(room, { epoch: 1, seq: 999 });
    expect(textOf(welcome.events)).toBe('all');
  });

  it('reads the room of its token and nothing of another, before it came or after', async () => {
    const [its, another] = [newRoom(), newRoom()];
    const agent = await connectAgent();
    agent.frame(another, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'not yours')]);
    await agent.acked(another, 1);
    const viewer = await view(its);
    agent.frame(another, 2, [appendedText(1, 9, ', nor this')]);
    agent.frame(its, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'yours')]);
    await viewer.inbox.until(() => textOf(viewer.events) !== '');
    expect(textOf([...viewer.welcome.events, ...viewer.events])).toBe('yours');
  });

  it('with the LiveKit token of a participant is let in', async () => {
    const token = gateway.sign({
      iss: gateway.apiKey,
      sub: 'p-1',
      exp: inOneHour(),
      video: { roomJoin: true, room: newRoom() },
    });
    const viewer = await CaptionViewer.join(gateway.socketUrl, token);
    expect(viewer.welcome.type).toBe('welcome');
  });

  it('whose page is served by this gateway is let in', async () => {
    const viewer = await CaptionViewer.open(gateway.socketUrl, viewerToken(newRoom()), {
      Origin: gateway.httpUrl,
    });
    expect(viewer.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('hears of the gateway when nothing else happens', { timeout: 10_000 }, async () => {
    // Without any agent the room’s status is settled from the first moment on.
    const quiet = await startTestGateway();
    const viewer = await CaptionViewer.join(quiet.socketUrl, viewerToken(newRoom()));
    await viewer.inbox.until((all) => all.some(({ type }) => type === 'heartbeat'));
    expect(viewer.inbox.all.at(-1)).toMatchObject({ epoch: viewer.welcome.epoch, seq: viewer.position.seq });
    await quiet.close();
  });
});

describe('a viewer is refused', () => {
  const past = Math.floor(Date.now() / 1000) - 60;
  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const valid = () => ({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room: 'r', exp: inOneHour() });

  it.each<[what: string, token: () => string, status: string]>([
    [
      'a token signed with another key',
      () => `${viewerToken('r').split('.').slice(0, 2).join('.')}.AAAA`,
      '401',
    ],
    ['an unsigned token', () => `${base64({ alg: 'none', typ: 'JWT' })}.${base64(valid())}.`, '401'],
    [
      'a token that never expires',
      () => gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room: 'r' }),
      '401',
    ],
    [
      'a token without a room',
      () => gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', exp: inOneHour() }),
      '403',
    ],
    ['an agent’s token', () => gateway.uplinkToken(), '403'],
    ['no token', () => '', '401'],
    [
      'a LiveKit token of another deployment’s key',
      () => gateway.sign({ iss: 'other', sub: 'p', exp: inOneHour(), video: { roomJoin: true, room: 'r' } }),
      '403',
    ],
    [
      'a LiveKit token that does not join',
      () => gateway.sign({ iss: gateway.apiKey, sub: 'p', exp: inOneHour(), video: { roomCreate: true } }),
      '403',
    ],
    [
      'a LiveKit token of somebody who may not hear the room',
      () =>
        gateway.sign({
          iss: gateway.apiKey,
          sub: 'p',
          exp: inOneHour(),
          video: { roomJoin: true, room: 'r', canSubscribe: false },
        }),
      '403',
    ],
    [
      'a token of another deployment’s secret',
      () => createSigner({ key: 'x'.repeat(40), algorithm: 'HS256' })(valid()),
      '401',
    ],
    [
      'a token signed with another algorithm',
      () => createSigner({ key: gateway.apiSecret.repeat(2), algorithm: 'HS512' })(valid()),
      '401',
    ],
  ])('with %s', async (_what, token, status) => {
    await expect(CaptionViewer.open(gateway.socketUrl, token())).rejects.toThrow(status);
  });

  it('with a code that asks for a new token when its own has expired', async () => {
    const viewer = await CaptionViewer.open(gateway.socketUrl, viewerToken('r', { exp: past }));
    expect(await viewer.inbox.closed).toBe(CLOSE_CODES.tokenExpired.code);
  });

  it('when its page is of another origin', async () => {
    const opening = CaptionViewer.open(gateway.socketUrl, viewerToken('r'), {
      Origin: 'https://evil.example',
    });
    await expect(opening).rejects.toThrow('403');
  });

  it('when the token stands only in the address', async () => {
    const url = `${gateway.socketUrl}/captions?token=${viewerToken('r')}&access_token=${viewerToken('r')}`;
    const socket = new WebSocket(url, 'surtitre.captions.v1');
    await expect(opened(socket)).rejects.toThrow('401');
  });

  it('when too many come from its address, which a trusted proxy may name', async () => {
    const strict = await startTestGateway({
      env: { SURTITRE_MAX_CONNECTIONS_PER_ADDRESS: '1', SURTITRE_TRUSTED_PROXIES: '127.0.0.0/8' },
    });
    const open = (client: string) =>
      CaptionViewer.open(strict.socketUrl, viewerToken('r'), { 'X-Forwarded-For': `8.8.8.8, ${client}` });
    const first = await open('192.0.2.1');
    await open('192.0.2.2');
    await expect(open('192.0.2.1')).rejects.toThrow('429');
    await first.close();
    // The server's own close handler runs before the client's.
    await open('192.0.2.1');
    await strict.close();
  });

  it('and closed when it does not say where it stands', { timeout: 10_000 }, async () => {
    const viewer = await CaptionViewer.open(gateway.socketUrl, viewerToken('r'));
    expect(await viewer.inbox.closed).toBe(CLOSE_CODES.joinTimeout.code);
  });

  it('and closed on a text frame', async () => {
    const viewer = await CaptionViewer.open(gateway.socketUrl, viewerToken('r'));
    viewer.socket.send('join');
    expect(await viewer.inbox.closed).toBe(CLOSE_CODES.malformed.code);
  });

  it('and closed on bytes that are no join message', async () => {
    const viewer = await CaptionViewer.open(gateway.socketUrl, viewerToken('r'));
    viewer.socket.send(Uint8Array.of(0xc1, 0xff));
    expect(await viewer.inbox.closed).toBe(CLOSE_CODES.malformed.code);
  });

  it('and closed on a second join message', async () => {
    const viewer = await view(newRoom());
    viewer.socket.send(packFromViewer({ type: 'join', epoch: 0, seq: 0 }));
    expect(await viewer.inbox.closed).toBe(CLOSE_CODES.malformed.code);
  });

  it('and closed on a message that is too large, and cut off on a huge one', async () => {
    const viewer = await CaptionViewer.open(gateway.socketUrl, viewerToken('r'));
    viewer.socket.send(new Uint8Array(5_000));
    expect(await viewer.inbox.closed).toBe(CLOSE_CODES.tooLarge.code);
    const huge = await CaptionViewer.open(gateway.socketUrl, viewerToken('r'));
    huge.socket.on('error', () => {});
    huge.socket.send(new Uint8Array(10_000_000));
    expect(await huge.inbox.closed).toBe(1006);
  });
});

describe('an agent', () => {
  it('is told what the gateway holds of its session', async () => {
    const room = newRoom();
    const agent = await connectAgent();
    expect(agent.inbox.all[0]).toEqual({ type: 'welcome', held: [] });
    for (const number of [1, 2, 3]) agent.frame(room, number, number === 1 ? [live(1)] : []);
    await agent.acked(room, 3);
    await agent.die();
    const again = await connectAgent(agent.sessionId, [room]);
    expect(again.inbox.all[0]).toEqual({ type: 'welcome', held: [[room, 3]] });
  });

  it('has its frames acknowledged together, twenty times a second at most', async () => {
    const room = newRoom();
    const agent = await connectAgent();
    const viewer = await view(room);
    const sinceMs = performance.now();
    // Each in a turn of its own: the viewer has seen the one before.
    for (let number = 1; number <= 50; number += 1) {
      agent.frame(room, number, [live(number)]);
      await viewer.inbox.until(() =>
        viewer.events.some((event) => event.type === 'status' && event.sinceMs === number),
      );
    }
    await agent.acked(room, 50);
    const acks = agent.inbox.all.filter(({ type }) => type === 'ack').length;
    expect(acks).toBeLessThanOrEqual(1 + (performance.now() - sinceMs) / 45);
  });

  it('that repeats frames changes nothing', async () => {
    const room = newRoom();
    const viewer = await view(room);
    const agent = await connectAgent();
    const frames: CaptionEvent[][] = [[live(1), openedUtterance(1)], [appendedText(1, 0, 'once')]];
    for (const [index, events] of [...frames.entries(), ...frames.entries()]) {
      agent.frame(room, index + 1, events);
    }
    agent.frame(room, 3, [appendedText(1, 4, ' more')]);
    await viewer.inbox.until(() => textOf(viewer.events).endsWith('more'));
    expect(textOf(viewer.events)).toBe('once more');
  });

  it('that lost frames has the gap marked', async () => {
    const room = newRoom();
    const viewer = await view(room);
    const agent = await connectAgent();
    agent.frame(room, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'a', 5_000)]);
    agent.frame(room, 4, [openedUtterance(2, 9_000), appendedText(2, 0, 'b', 9_000)]);
    await viewer.inbox.until(() => textOf(viewer.events) === 'ab');
    expect(gapsOf(viewer.events)).toEqual([
      { type: 'gap', identity: null, fromMs: 5_100, toMs: 9_000, reason: 'captions-lost' },
    ]);
  });

  it('that comes back in time leaves an interruption but no gap', async () => {
    const room = newRoom();
    const viewer = await view(room);
    const agent = await connectAgent();
    agent.frame(room, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'be')]);
    await viewer.inbox.until(() => textOf(viewer.events) === 'be');
    await agent.die();
    await viewer.untilState('interrupted');
    const again = await connectAgent(agent.sessionId, [room]);
    again.frame(room, 2, [appendedText(1, 2, 'fore')]);
    await viewer.inbox.until(() => textOf(viewer.events) === 'before');
    const states = viewer.events.flatMap((event) => (event.type === 'status' ? [event.state] : []));
    expect(states.slice(-3)).toEqual(['live', 'interrupted', 'live']);
    expect(gapsOf(viewer.events)).toEqual([]);
  });

  it('that dies is followed by another with a marked gap, and its utterances are closed', async () => {
    const room = newRoom();
    const viewer = await view(room);
    const first = await connectAgent();
    const nowMs = Date.now();
    first.frame(room, 1, [live(nowMs - 5_000), openedUtterance(1), appendedText(1, 0, 'half', nowMs)]);
    await viewer.inbox.until(() => textOf(viewer.events) === 'half');
    await first.die();
    await viewer.untilState('interrupted');
    const second = await connectAgent();
    second.frame(room, 1, [live(nowMs + 4_000)]);
    await viewer.untilEvent(({ type }) => type === 'gap');
    expect(gapsOf(viewer.events)).toEqual([
      { type: 'gap', identity: null, fromMs: nowMs + 100, toMs: nowMs + 4_000, reason: 'agent-lost' },
    ]);
    expect(viewer.events).toContainEqual(
      expect.objectContaining({ type: 'closed', utterance: 1, length: 4, endMs: nowMs + 100 }),
    );
    // What the dead one had still to say comes too late: it is taken, so that it is not sent again, and left out.
    const ghost = await connectAgent(first.sessionId);
    ghost.frame(room, 2, [appendedText(1, 4, ' heard')]);
    await ghost.acked(room, 2);
    second.frame(room, 2, [openedUtterance(2), appendedText(2, 0, '!')]);
    await viewer.inbox.until(() => textOf(viewer.events).endsWith('!'));
    expect(textOf(viewer.events)).toBe('half!');
  });

  it('that leaves a room leaves no gap', async () => {
    const room = newRoom();
    const viewer = await view(room);
    const first = await connectAgent();
    first.frame(room, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'a')]);
    first.send({ type: 'left', room });
    await viewer.untilEvent(({ type }) => type === 'closed');
    const second = await connectAgent();
    second.frame(room, 1, [live(2), openedUtterance(2), appendedText(2, 0, 'b')]);
    await viewer.inbox.until(() => textOf(viewer.events) === 'ab');
    expect(gapsOf(viewer.events)).toEqual([]);
  });

  it('that connects twice has its older connection closed', async () => {
    const agent = await connectAgent();
    const room = newRoom();
    agent.frame(room, 1, [live(1)]);
    await agent.acked(room, 1);
    const viewer = await view(room);
    await connectAgent(agent.sessionId);
    expect(await agent.inbox.closed).toBe(CLOSE_CODES.replaced.code);
    expect(viewer.events).not.toContainEqual(expect.objectContaining({ state: 'interrupted' }));
  });

  it('with history of before a gateway restart is taken at its word', async () => {
    const room = newRoom();
    const agent = await connectAgent();
    agent.frame(room, 17, [live(1), openedUtterance(1), appendedText(1, 0, 'held')]);
    await agent.acked(room, 17);
    const { welcome } = await view(room);
    expect(textOf(welcome.events)).toBe('held');
    expect(gapsOf(welcome.events)).toEqual([]);
  });
});

describe('an agent is refused', () => {
  it('without a valid token, or with a viewer’s', async () => {
    await expect(UplinkAgent.open(gateway.socketUrl, 'nonsense')).rejects.toThrow('401');
    await expect(UplinkAgent.open(gateway.socketUrl, viewerToken('r'))).rejects.toThrow('403');
  });

  it('and closed on text, on nonsense, and on frames before its hello', async () => {
    const open = () => UplinkAgent.open(gateway.socketUrl, gateway.uplinkToken());
    const text = await open();
    text.socket.send('hello');
    expect(await text.inbox.closed).toBe(CLOSE_CODES.malformed.code);
    const nonsense = await open();
    nonsense.socket.send(Uint8Array.of(1, 2, 3));
    expect(await nonsense.inbox.closed).toBe(CLOSE_CODES.malformed.code);
    const early = await open();
    early.frame('r', 1, []);
    expect(await early.inbox.closed).toBe(CLOSE_CODES.malformed.code);
  });

  it('and closed on a message that is too large, and cut off on a huge one', async () => {
    const agent = await connectAgent();
    agent.socket.send(new Uint8Array(1_048_577));
    expect(await agent.inbox.closed).toBe(CLOSE_CODES.tooLarge.code);
    const huge = await connectAgent();
    huge.socket.on('error', () => {});
    huge.socket.send(new Uint8Array(10_000_000));
    expect(await huge.inbox.closed).toBe(1006);
  });
});
