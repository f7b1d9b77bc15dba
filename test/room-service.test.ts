/** The HTTP API of a real gateway beside a real LiveKit server, as a browser or an integrator meets it. */
import { dispose } from '@livekit/rtc-node';
import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastingPort } from '../bench/lasting-port.ts';
import { CLOSE_CODES } from '../protocol/close-codes.ts';
import { CAPTIONS_AUDIENCE } from '../protocol/connection.ts';
import type { CaptionsAccess, DeploymentInfo, ParticipantList } from '../protocol/room-api.ts';
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
import { ToneSpeaker } from './support/tone-speaker.ts';

let gateway: TestGateway;

async function ask(
  method: string,
  path: string,
  options: { body?: string; type?: string; bearer?: string } = {},
) {
  const { body, bearer, type = 'application/json' } = options;
  const response = await fetch(gateway.httpUrl + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const json: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}

async function problem(...request: Parameters<typeof ask>) {
  const { status, headers, json } = await ask(...request);
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(json).toMatchObject({ type: 'about:blank', status });
  expect(JSON.stringify(json)).not.toMatch(/node_modules|\.ts:|\.js:|\\n/);
  return json as { status: number; detail: string; field?: string };
}

describe('bad input', () => {
  beforeAll(async () => {
    gateway = await startTestGateway({ env: { SURTITRE_DEMO_AGENT_NAME: '' } });
  });
  afterAll(() => gateway.close());

  const newRoom = async () => (await ask('POST', '/api/rooms')).json as { roomId: string; hostKey: string };

  it('is answered with the field at fault', async () => {
    const rooms = (body: unknown) => problem('POST', '/api/rooms', { body: JSON.stringify(body) });
    expect(await rooms({ language: 'de' })).toMatchObject({ status: 422, field: '/language' });
    expect((await rooms({ language: 'de' })).detail).toContain('auto, fr, en');
    expect(await rooms({ captions: 1 })).toMatchObject({ status: 422, field: '/captions' });
    expect(await rooms({ colour: 'red' })).toMatchObject({ status: 422, field: '/colour' });
    const { roomId } = await newRoom();
    const join = (body: unknown) =>
      problem('POST', `/api/rooms/${roomId}/join`, { body: JSON.stringify(body) });
    expect(await join({})).toMatchObject({ status: 422, field: '/name' });
    expect(await join({ name: '' })).toMatchObject({ status: 422, field: '/name' });
    expect(await join({ name: ' \u200b\t' })).toMatchObject({ status: 422, field: '/name' });
    expect(await join({ name: 'x'.repeat(81) })).toMatchObject({ status: 422, field: '/name' });
    expect(await join({ name: 42 })).toMatchObject({ status: 422, field: '/name' });
    expect(await join({ name: 'Ana', hostKey: 'wrong' })).toMatchObject({ status: 403, field: '/hostKey' });
    expect(await join([])).toMatchObject({ status: 422 });
  });

  it('that is not JSON, too large or of another type is refused as such', async () => {
    expect(await problem('POST', '/api/rooms', { body: '{"language":' })).toMatchObject({ status: 400 });
    expect(await problem('POST', '/api/rooms', { body: '' })).toMatchObject({ status: 400 });
    expect(await problem('POST', '/api/rooms', { body: ' '.repeat(17_000) })).toMatchObject({ status: 413 });
    expect(await problem('POST', '/api/rooms', { body: 'x', type: 'text/plain' })).toMatchObject({
      status: 415,
    });
    expect(await problem('POST', '/api/rooms', { body: '<a/>', type: 'text/xml' })).toMatchObject({
      status: 415,
    });
  });

  it('to no address, or by a method that is not there, is told apart', async () => {
    expect(await problem('GET', '/api/nothing')).toMatchObject({ status: 404 });
    expect(await problem('GET', '/:(')).toMatchObject({ status: 404 });
    expect(await problem('GET', `/api/rooms/${'a'.repeat(200)}`)).toMatchObject({ status: 404 });
    expect(await problem('DELETE', '/api/rooms')).toMatchObject({ status: 405 });
    const { headers } = await ask('GET', '/api/rooms/abcdefgh/join');
    expect(headers.get('allow')).toBe('POST');
  });

  it('about a room that was never created is a 404, whatever is asked', async () => {
    const room = '/api/rooms/aaaa-bbbb-cccc-dddd-eeee';
    expect(await problem('POST', `${room}/join`, { body: '{"name":"Ana"}' })).toMatchObject({ status: 404 });
    expect(await problem('POST', `${room}/token`)).toMatchObject({ status: 404 });
    expect(await problem('POST', `${room}/leave`)).toMatchObject({ status: 404 });
    expect(await problem('POST', `${room}/demo`)).toMatchObject({ status: 404 });
    expect(await problem('GET', `${room}/participants`)).toMatchObject({ status: 404 });
    expect(await problem('PUT', `${room}/captions`, { body: '{"mode":"off"}' })).toMatchObject({
      status: 404,
    });
  });

  it('without the right token or key is refused', async () => {
    const { roomId } = await newRoom();
    const room = `/api/rooms/${roomId}`;
    const token = (claims: Record<string, unknown>) =>
      gateway.sign({ aud: 'surtitre-captions', sub: 'p-1', exp: inOneHour(), ...claims });
    expect(await problem('POST', `${room}/token`)).toMatchObject({ status: 401 });
    expect(await problem('POST', `${room}/token`, { bearer: 'x.y.z' })).toMatchObject({ status: 401 });
    expect(await problem('POST', `${room}/token`, { bearer: token({ room: roomId, exp: 1 }) })).toMatchObject(
      {
        status: 401,
      },
    );
    expect(await problem('POST', `${room}/token`, { bearer: token({ room: 'other' }) })).toMatchObject({
      status: 403,
    });
    expect(await problem('GET', `${room}/participants`, { bearer: token({ room: roomId }) })).toMatchObject({
      status: 403,
    });
    expect(await problem('PUT', `${room}/captions`, { body: '{"mode":"off"}' })).toMatchObject({
      status: 403,
    });
  });

  it('to a webhook that is not signed is refused', async () => {
    const body = '{"event":"room_finished"}';
    expect(await problem('POST', '/api/livekit/webhook', { body })).toMatchObject({ status: 401 });
    const token = new AccessToken(gateway.apiKey, gateway.apiSecret);
    token.sha256 = 'AAAA';
    const forged = { body, bearer: await token.toJwt() };
    expect(await problem('POST', '/api/livekit/webhook', forged)).toMatchObject({ status: 401 });
  });

  it('that comes too often is slowed down', async () => {
    const strict = await startTestGateway({ env: { SURTITRE_REQUESTS_PER_MINUTE: '10' } });
    const statuses = [];
    for (let round = 0; round < 3; round += 1) {
      statuses.push((await fetch(`${strict.httpUrl}/api/rooms`, { method: 'POST' })).status);
    }
    expect(statuses).toEqual([201, 429, 429]);
    await strict.close();
  });

  it('is no reason to be unready, but a LiveKit server that does not answer is', async () => {
    expect((await ask('GET', '/healthz')).status).toBe(200);
    const unready = await problem('GET', '/readyz');
    expect(unready.detail).toContain('LIVEKIT_URL');
    const { roomId } = await newRoom();
    expect(await problem('POST', `/api/rooms/${roomId}/join`, { body: '{"name":"Ana"}' })).toMatchObject({
      status: 502,
    });
  });

  it('a deployment without demo speakers says so', async () => {
    const { json } = await ask('GET', '/api/deployment');
    expect((json as DeploymentInfo).demoAvailable).toBe(false);
    const { roomId } = await newRoom();
    expect(await problem('POST', `/api/rooms/${roomId}/demo`)).toMatchObject({ status: 404 });
  });

  it('the API describes itself, problems included', async () => {
    const { json } = await ask('GET', '/api/openapi.json');
    const { paths } = json as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
    };
    expect(Object.keys(paths)).toContain('/api/rooms/{roomId}/join');
    expect(Object.keys(paths['/api/rooms/{roomId}/captions']?.put?.responses ?? {})).toEqual([
      '204',
      '403',
      '404',
      '422',
    ]);
  });
});

const livekit = findLivekitServer();
describe.skipIf(livekit.path === null)(
  `with LiveKit${livekit.path ? '' : ` (skipped: ${livekit.reason})`}`,
  () => {
    let sfu: RunningLivekitServer;
    let rooms: RoomServiceClient;

    beforeAll(async () => {
      const port = await lastingPort();
      sfu = await startLivekitServer({ webhookUrl: `http://127.0.0.1:${port}/api/livekit/webhook` });
      rooms = new RoomServiceClient(sfu.url.replace('ws', 'http'), sfu.apiKey, sfu.apiSecret);
      gateway = await startTestGateway({ livekit: sfu, env: { SURTITRE_HTTP_PORT: String(port) } });
    });
    afterAll(async () => {
      await gateway.close();
      await dispose();
      await sfu.close();
    });

    it('a room lives from its first participant to the host’s last look', async () => {
      expect((await ask('GET', '/readyz')).status).toBe(200);
      const joined = await joinNewRoom(gateway.httpUrl, { language: 'fr' });
      expect(joined).toMatchObject({ role: 'guest', name: 'Ana', livekitUrl: sfu.url });
      const [room] = await rooms.listRooms([joined.roomId]);
      expect(JSON.parse(room?.metadata ?? '')).toEqual({
        language: 'fr',
        captions: 'on-demand',
        access: 'open',
      });
      const speaker = await new ToneSpeaker().join(joined.livekitUrl, joined.livekitToken);
      expect(speaker.room.localParticipant).toMatchObject({ identity: joined.identity, name: 'Ana' });

      const list = async () =>
        (await ask('GET', `/api/rooms/${joined.roomId}/participants`, { bearer: joined.hostKey }))
          .json as ParticipantList;
      expect((await list()).participants).toMatchObject([{ identity: joined.identity, name: 'Ana' }]);
      const left = await ask('POST', `/api/rooms/${joined.roomId}/leave`, { bearer: joined.captionsToken });
      expect(left.status).toBe(204);
      expect((await list()).participants).toEqual([]);
      await speaker.close();
    });

    it('the creator joins as host', async () => {
      const { roomId, hostKey } = await joinNewRoom(gateway.httpUrl);
      const body = JSON.stringify({ name: '  Ana   B ', hostKey });
      const { json } = await ask('POST', `/api/rooms/${roomId}/join`, { body });
      expect(json).toMatchObject({ role: 'host', name: 'Ana B' });
    });

    it('more rooms than may be open are refused, those that are open are not', async () => {
      const others = (await rooms.listRooms()).length;
      const full = await startTestGateway({
        livekit: sfu,
        env: { SURTITRE_MAX_OPEN_ROOMS: String(others + 1) },
      });
      const open = await joinNewRoom(full.httpUrl);
      // The first listing may still be on its way, and is then short of the room that was opened meanwhile.
      await joinNewRoom(full.httpUrl).catch(() => {});
      await expect(joinNewRoom(full.httpUrl)).rejects.toThrow(/^503 .*Try again later/);
      await postJson(`${full.httpUrl}/api/rooms/${open.roomId}/join`, { name: 'Zoé' });
      await full.close();
    });

    it('a captions token is renewed for the same person, while in the room', async () => {
      const joined = await joinNewRoom(gateway.httpUrl);
      const outside = await problem('POST', `/api/rooms/${joined.roomId}/token`, {
        bearer: joined.captionsToken,
      });
      expect(outside).toMatchObject({ status: 403 });
      const speaker = await new ToneSpeaker().join(joined.livekitUrl, joined.livekitToken);
      const { json } = await ask('POST', `/api/rooms/${joined.roomId}/token`, {
        bearer: joined.captionsToken,
      });
      const access = json as CaptionsAccess;
      expect(access.captionsTokenExpiresMs).toBeGreaterThan(Date.now() + 3_500_000);
      const viewer = await CaptionViewer.join(gateway.socketUrl, access.captionsToken);
      await viewer.close();
      await speaker.close();
    });

    it('demo speakers are asked in once', async () => {
      const demo = await MortalAgent.start(gateway, sfu.url, 'surtitre-demo');
      const joined = await joinNewRoom(gateway.httpUrl);
      for (const _press of [1, 2]) {
        expect((await ask('POST', `/api/rooms/${joined.roomId}/demo`)).status).toBe(204);
      }
      while (demo.rooms.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(demo.rooms).toEqual([joined.roomId]);
      await demo.die();
      await demo.bury();
    });

    it('the captions of a finished room are erased, for viewers too', async () => {
      const joined = await joinNewRoom(gateway.httpUrl);
      const viewer = await CaptionViewer.join(gateway.socketUrl, joined.captionsToken);
      const { epoch } = viewer.welcome;
      const other = await CaptionViewer.join(gateway.socketUrl, joined.captionsToken);
      await rooms.deleteRoom(joined.roomId);
      expect(await viewer.inbox.closed).toBe(CLOSE_CODES.roomClosed.code);
      expect(await other.inbox.closed).toBe(CLOSE_CODES.roomClosed.code);
      expect(await gateway.metric('livekit_webhooks_total{event="room_finished"}')).toBeGreaterThan(0);
      const { roomId: room, identity: sub } = joined;
      const iat = Math.floor(Date.now() / 1000) - 10;
      const old = gateway.sign({ aud: CAPTIONS_AUDIENCE, sub, room, iat, exp: inOneHour() });
      const replayed = await CaptionViewer.open(gateway.socketUrl, old);
      expect(await replayed.inbox.closed).toBe(CLOSE_CODES.roomClosed.code);
      const body = JSON.stringify({ name: 'Ana' });
      const { json } = await ask('POST', `/api/rooms/${joined.roomId}/join`, { body });
      const next = await CaptionViewer.join(gateway.socketUrl, (json as CaptionsAccess).captionsToken);
      expect(next.welcome.epoch).not.toBe(epoch);
      await next.close();
    });
  },
);
