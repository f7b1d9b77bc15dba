/** What the gateway asks of LiveKit Egress, as a real LiveKit server gets it and answers; no Egress is running. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRedisServer, RedisServer } from '../bench/faults/redis-server.ts';
import type { CreateRoomResponse } from '../protocol/room-api.ts';
import {
  findLivekitServer,
  type RunningLivekitServer,
  startLivekitServer,
} from './support/livekit-server.ts';
import { type RecordedHttp, recordHttp } from './support/recorded-http.ts';
import { postJson, startTestGateway, TEST_SECRET, type TestGateway } from './support/start-gateway.ts';

const lack = findLivekitServer().reason ?? findRedisServer().reason;

describe.skipIf(lack !== null)(`recording${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
  let redis: RedisServer;
  let livekit: RunningLivekitServer;
  let wire: RecordedHttp;
  let gateway: TestGateway;

  beforeAll(async () => {
    // Without Redis a LiveKit server knows of no Egress at all.
    redis = await RedisServer.start();
    livekit = await startLivekitServer({ node: { redisPort: redis.port, apiSecret: TEST_SECRET } });
    wire = await recordHttp(Number(new URL(livekit.url).port));
    gateway = await startTestGateway({
      livekit: { ...livekit, url: `ws://127.0.0.1:${wire.port}` },
      env: { SURTITRE_RECORDING_FILE: '/out/{room_name}-{time}.mp4' },
    });
  });
  afterAll(async () => {
    await gateway?.close();
    await wire?.close();
    await livekit?.close();
    await redis?.close();
  });

  const ofEgress = () => wire.exchanges.filter(({ path }) => path.startsWith('/twirp/livekit.Egress/'));
  const record = (method: 'POST' | 'DELETE', { roomId, hostKey }: CreateRoomResponse) =>
    fetch(`${gateway.httpUrl}/api/rooms/${roomId}/recording`, {
      method,
      headers: { authorization: `Bearer ${hostKey}` },
    });

  it('asks whether the room is recorded, then for an MP4 of its speakers; what is refused the host reads', async () => {
    const room = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
    const response = await record('POST', room);
    expect(ofEgress()).toEqual([
      {
        method: 'POST',
        path: '/twirp/livekit.Egress/ListEgress',
        body: `{"roomName":"${room.roomId}","active":true}`,
        status: 200,
        answer: expect.stringContaining('"items":[]'),
      },
      {
        method: 'POST',
        path: '/twirp/livekit.Egress/StartRoomCompositeEgress',
        body: JSON.stringify({
          roomName: room.roomId,
          layout: 'speaker',
          fileOutputs: [{ fileType: 'MP4', filepath: '/out/{room_name}-{time}.mp4' }],
        }),
        // It understood, and asked itself for the room; with people in it, it would ask for an Egress for 20 s.
        status: 404,
        answer: expect.stringContaining('requested room does not exist'),
      },
    ]);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('recording service') });
  });

  it('stops what is recorded, which is nothing', async () => {
    const room = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
    const before = ofEgress().length;
    expect((await record('DELETE', room)).status).toBe(204);
    expect(ofEgress().slice(before)).toMatchObject([
      { path: '/twirp/livekit.Egress/ListEgress', body: `{"roomName":"${room.roomId}","active":true}` },
    ]);
  });
});
