/** What a host may do about what was and will be said: erase it, and put the room off the record. */
import { dispose } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { CAPTIONS_AUDIENCE } from '../protocol/connection.ts';
import type { CreateRoomResponse } from '../protocol/room-api.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import {
  findLivekitServer,
  type RunningLivekitServer,
  startLivekitServer,
} from './support/livekit-server.ts';
import { MortalAgent } from './support/mortal-agent.ts';
import {
  inOneHour,
  joinNewRoom,
  postJson,
  startTestGateway,
  type TestGateway,
} from './support/start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './support/uplink-agent.ts';

const textOf = (events: readonly CaptionEvent[]): string =>
  events.map((event) => (event.type === 'appended' || event.type === 'restored' ? event.text : '')).join('');

async function asHost(
  gateway: TestGateway,
  path: string,
  { hostKey, method = 'PUT', body }: { hostKey: string; method?: string; body?: object },
): Promise<number> {
  const headers = {
    authorization: `Bearer ${hostKey}`,
    ...(body ? { 'content-type': 'application/json' } : {}),
  };
  const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
  return (await fetch(gateway.httpUrl + path, init)).status;
}

describe('a host who erases the captions', () => {
  let gateway: TestGateway;
  let created: CreateRoomResponse;

  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());
  beforeEach(async () => {
    created = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
  });

  const view = (position?: { epoch: number; seq: number }) => {
    const token = gateway.sign({
      aud: CAPTIONS_AUDIENCE,
      sub: 'p-1',
      room: created.roomId,
      exp: inOneHour(),
    });
    return CaptionViewer.join(gateway.socketUrl, token, position);
  };
  const erase = (hostKey = created.hostKey) =>
    asHost(gateway, `/api/rooms/${created.roomId}/captions`, { hostKey, method: 'DELETE' });

  it('takes them from the gateway, from every screen and from the agent; what follows is kept', async () => {
    const { roomId } = created;
    const viewer = await view();
    const away = await view();
    const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
    agent.frame(roomId, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'before')]);
    agent.frame(roomId, 2, [openedUtterance(2), appendedText(2, 0, 'closed')]);
    agent.frame(roomId, 3, [{ type: 'closed', utterance: 2, length: 6, endMs: 100 }]);
    await away.untilEvent(({ type }) => type === 'closed');
    await away.close();
    expect(await erase()).toBe(204);
    await viewer.untilEvent(({ type }) => type === 'erased');
    await agent.inbox.until((all) => all.some(({ type }) => type === 'erase'));
    agent.frame(roomId, 4, [appendedText(1, 6, ' after')]);
    agent.frame(roomId, 5, [{ type: 'closed', utterance: 1, length: 12, endMs: 200 }]);
    await agent.acked(roomId, 5);

    const kinds = viewer.events.map(({ type }) => type);
    expect(kinds.slice(kinds.indexOf('erased'))).toEqual(['erased', 'opened', 'appended', 'closed']);
    expect(viewer.events.at(-2)).toMatchObject({ offset: 0, text: ' after' });
    const late = await view();
    expect(textOf(late.welcome.events)).toBe(' after');
    const returned = await view(away.position);
    expect(returned.welcome.events.map(({ type }) => type)).toEqual(['erased', 'restored', 'status']);
    expect(textOf(returned.welcome.events)).toBe(' after');
    expect(returned.welcome.recovered).toBe(true);
  });

  it('must be the host', async () => {
    expect(await erase('not-the-key')).toBe(403);
  });

  it('reaches an agent that was away at that moment', async () => {
    const { roomId } = created;
    const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
    agent.frame(roomId, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'x')]);
    await agent.acked(roomId, 1);
    await agent.die();
    expect(await erase()).toBe(204);
    const back = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken(), agent.sessionId);
    await back.inbox.until((all) =>
      all.some((message) => message.type === 'erase' && message.room === roomId),
    );
  });
});

const livekit = findLivekitServer();
describe.skipIf(livekit.path === null)(
  `a room off the record${livekit.path ? '' : ` (skipped: ${livekit.reason})`}`,
  () => {
    let sfu: RunningLivekitServer;
    let gateway: TestGateway;
    let rooms: RoomServiceClient;
    let agent: MortalAgent;

    beforeAll(async () => {
      sfu = await startLivekitServer();
      rooms = new RoomServiceClient(sfu.url.replace('ws', 'http'), sfu.apiKey, sfu.apiSecret);
    });
    afterAll(async () => {
      await dispose();
      await sfu.close();
    });
    beforeEach(async () => {
      gateway = await startTestGateway({ livekit: sfu });
      agent = await MortalAgent.start(gateway, sfu.url);
    });
    afterEach(async () => {
      await agent.die();
      await agent.bury();
      await gateway.close();
    });

    const setOffRecord = (room: { roomId: string; hostKey: string }, offRecord: boolean) =>
      asHost(gateway, `/api/rooms/${room.roomId}/off-record`, {
        hostKey: room.hostKey,
        body: { offRecord },
      });
    const metadataOf = async (room: string): Promise<unknown> =>
      JSON.parse((await rooms.listRooms([room]))[0]?.metadata ?? '{}');

    it('has no agent, takes no word, and says so to everybody, until the host takes it back', async () => {
      const room = await joinNewRoom(gateway.httpUrl);
      const viewer = await CaptionViewer.join(gateway.socketUrl, room.captionsToken);
      await viewer.untilState('live');
      agent.say(room.roomId, [openedUtterance(1), appendedText(1, 0, 'on')]);
      await viewer.untilEvent(({ type }) => type === 'appended');

      const expelled = agent.expelled(room.roomId);
      expect(await setOffRecord(room, true)).toBe(204);
      await viewer.untilState('off-record');
      await expelled;
      expect(await metadataOf(room.roomId)).toMatchObject({ offRecord: true });
      agent.say(room.roomId, [appendedText(1, 2, ' OFF'), openedUtterance(2), appendedText(2, 0, 'OFF')]);
      await expect.poll(() => gateway.metric('caption_frames_total{result="off-record"}')).toBe(1);
      const late = await CaptionViewer.join(gateway.socketUrl, room.captionsToken);
      expect(textOf([...viewer.events, ...late.events])).toBe('onon');
      expect(late.events.at(-1)).toMatchObject({ type: 'status', state: 'off-record' });

      agent.uplink.send({ type: 'left', room: room.roomId });
      expect(await setOffRecord(room, false)).toBe(204);
      await viewer.untilEvent((event) => event.type === 'status' && event.state === 'starting');
      expect(await metadataOf(room.roomId)).toMatchObject({ offRecord: false });
      await expect.poll(() => agent.rooms.length).toBe(2);
    });

    it('stays off the record when its gateway restarts', async () => {
      const room = await joinNewRoom(gateway.httpUrl);
      expect(await setOffRecord(room, true)).toBe(204);
      await gateway.close();
      gateway = await startTestGateway({ livekit: sfu });
      const viewer = await CaptionViewer.join(gateway.socketUrl, room.captionsToken);
      await viewer.untilState('off-record');
      expect(agent.rooms).toEqual([]);
    });
  },
);
