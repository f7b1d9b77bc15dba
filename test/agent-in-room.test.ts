/** The agent against the real LiveKit server: joins, hears, survives, leaves. Its engine hears loudness only. */
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Agent, startAgent } from '../agents/agent.ts';
import { readConfig } from '../agents/config.ts';
import { HealthServer } from '../agents/health-server.ts';
import { releaseRoom, rtcListenerCount } from '../agents/livekit/release-room.ts';
import { AgentMetrics } from '../agents/metrics.ts';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { createLog } from '../runtime/log.ts';
import { findLivekitServer } from './support/livekit-server.ts';
import { type LocalSfu, startLocalSfu } from './support/local-sfu.ts';
import { LoudnessEngine } from './support/loudness-engine.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';
import { UplinkReceiver } from './support/uplink-receiver.ts';

const livekit = findLivekitServer();
let sfu: LocalSfu;
let gateway: UplinkReceiver;
let engine: LoudnessEngine;
let agent: Agent;
let health: HealthServer;
const speakers: ToneSpeaker[] = [];

beforeAll(async () => {
  if (livekit.path === null) return;
  sfu = await startLocalSfu();
  gateway = await new UplinkReceiver(sfu.apiSecret).start();
  engine = new LoudnessEngine();
  const { TEST_LOG: level = 'silent' } = process.env;
  const metrics = new AgentMetrics();
  const config = readConfig({
    LIVEKIT_URL: sfu.url,
    LIVEKIT_API_KEY: sfu.apiKey,
    LIVEKIT_API_SECRET: sfu.apiSecret,
    SURTITRE_UPLINK_URL: gateway.url,
  });
  agent = startAgent({
    config,
    engine,
    metrics,
    log: createLog('agent', level),
    onFailed: (error) => expect.unreachable(error.message),
  });
  const { registry } = metrics;
  health = await HealthServer.listen({
    host: '127.0.0.1',
    port: 0,
    registry,
    missing: () => agent.missing(),
  });
  await agent.ready;
});

afterEach(async () => {
  if (livekit.path === null) return;
  await Promise.all(speakers.splice(0).map((speaker) => speaker.close()));
  // Tests count the engine's streams: one that ends late would be counted as the next test's.
  await vi.waitFor(() => expect(engine.stats().openStreams).toBe(0), { timeout: 10_000 });
});

afterAll(async () => {
  if (livekit.path === null) return;
  await agent.close();
  await health.close();
  await engine.close();
  await gateway.stop();
  await dispose();
  await sfu.close();
});

async function speak(room: string, identity: string): Promise<ToneSpeaker> {
  const token = await sfu.token(room, identity, `Name of ${identity}`);
  const speaker = await new ToneSpeaker().join(sfu.url, token);
  speakers.push(speaker);
  await speaker.publish();
  return speaker;
}

const eventsOf = (room: string) =>
  gateway.frames.filter((frame) => frame.room === room).flatMap((frame) => frame.events);
const countOf = (room: string, type: CaptionEvent['type']) =>
  eventsOf(room).filter((event) => event.type === type).length;
const agentsIn = async (room: string) => {
  const participants = await sfu.rooms.listParticipants(room);
  return participants.filter(({ identity }) => identity.startsWith('surtitre-')).length;
};

describe.skipIf(livekit.path === null)(
  `the agent in a room${livekit.path ? '' : ` (skipped: ${livekit.reason})`}`,
  () => {
    it('comes soon, unseen, and captions the speaker under name and track', async () => {
      const speaker = await speak('hear', 'ada');
      const dispatchedMs = performance.now();
      await sfu.dispatches.createDispatch('hear', 'surtitre');
      await gateway.until(() => countOf('hear', 'status') === 1);
      // Within a second on an idle machine; this one may carry the other tests too.
      const liveAfterMs = performance.now() - dispatchedMs;
      await gateway.until(() => countOf('hear', 'appended') >= 2);
      expect(eventsOf('hear').find((event) => event.type === 'opened')).toMatchObject({
        speaker: { identity: 'ada', name: 'Name of ada', trackSid: speaker.trackSid },
      });
      expect(liveAfterMs).toBeLessThan(3_000);
      expect(await agentsIn('hear')).toBe(1);
      expect([...speaker.room.remoteParticipants.keys()]).toEqual([]);
    });

    it('tells speakers of one room apart', async () => {
      const [bob, eve] = await Promise.all([speak('two', 'bob'), speak('two', 'eve')]);
      await sfu.dispatches.createDispatch('two', 'surtitre');
      await gateway.until(() => countOf('two', 'opened') >= 2);
      const sids = eventsOf('two').flatMap((event) =>
        event.type === 'opened' ? event.speaker.trackSid : [],
      );
      expect(sids.sort()).toEqual([bob.trackSid, eve.trackSid].sort());
    });

    it('ends the utterance when the speaker mutes', async () => {
      const speaker = await speak('mute', 'bob');
      await sfu.dispatches.createDispatch('mute', 'surtitre');
      await gateway.until(() => countOf('mute', 'appended') >= 1);
      await sfu.rooms.mutePublishedTrack('mute', 'bob', speaker.trackSid, true);
      await gateway.until(() => eventsOf('mute').at(-1)?.type === 'closed');
    });

    it('ends the utterance when the microphone is unpublished, and frees its stream', async () => {
      const speaker = await speak('unpublish', 'bob');
      await sfu.dispatches.createDispatch('unpublish', 'surtitre');
      await gateway.until(() => countOf('unpublish', 'appended') >= 1);
      const streams = engine.stats().openStreams;
      await speaker.unpublish();
      await gateway.until(() => eventsOf('unpublish').at(-1)?.type === 'closed');
      await new Promise(setImmediate);
      expect(engine.stats().openStreams).toBe(streams - 1);
    });

    it('hears nothing while the room is off the record, and hears again after', async () => {
      await speak('off-record', 'ada');
      await sfu.dispatches.createDispatch('off-record', 'surtitre');
      await gateway.until(() => countOf('off-record', 'appended') >= 1);
      const streams = engine.stats().openStreams;
      await sfu.rooms.updateRoomMetadata('off-record', '{"offRecord":true}');
      await gateway.until(() => eventsOf('off-record').at(-1)?.type === 'closed');
      await vi.waitFor(() => expect(engine.stats().openStreams).toBe(streams - 1), { timeout: 10_000 });
      const opened = countOf('off-record', 'opened');
      await sfu.rooms.updateRoomMetadata('off-record', '{"offRecord":false}');
      await gateway.until(() => countOf('off-record', 'opened') > opened);
    });

    it('is deaf from the start in a room that is off the record', async () => {
      await speak('discreet', 'ada');
      const streams = engine.stats().openStreams;
      await sfu.rooms.updateRoomMetadata('discreet', '{"offRecord":true}');
      await sfu.dispatches.createDispatch('discreet', 'surtitre');
      await gateway.until(() => countOf('discreet', 'status') === 1);
      expect(engine.stats().openStreams).toBe(streams);
    });

    it('ends a second dispatch of a room that it serves, and is there once', async () => {
      await speak('twice', 'ada');
      await sfu.dispatches.createDispatch('twice', 'surtitre');
      await gateway.until(() => countOf('twice', 'status') === 1);
      await sfu.dispatches.createDispatch('twice', 'surtitre');
      await gateway.until(() => countOf('twice', 'appended') >= 2);
      expect(await agentsIn('twice')).toBe(1);
      expect(countOf('twice', 'status')).toBe(1);
    });

    it('leaves when its dispatch is recalled', async () => {
      await speak('recall', 'ada');
      const dispatch = await sfu.dispatches.createDispatch('recall', 'surtitre');
      await gateway.until(() => countOf('recall', 'appended') >= 1);
      await sfu.dispatches.deleteDispatch(dispatch.id, 'recall');
      await gateway.until(({ left }) => left.includes('recall'));
      expect(eventsOf('recall').at(-1)?.type).toBe('closed');
      expect(await agentsIn('recall')).toBe(0);
    });

    it('comes back when it is sent again after it has left', async () => {
      await speak('again', 'ada');
      const dispatch = await sfu.dispatches.createDispatch('again', 'surtitre');
      await gateway.until(() => countOf('again', 'appended') >= 1);
      await sfu.dispatches.deleteDispatch(dispatch.id, 'again');
      await gateway.until(({ left }) => left.includes('again'));
      await sfu.dispatches.createDispatch('again', 'surtitre');
      await gateway.until(() => countOf('again', 'status') === 2 && countOf('again', 'opened') >= 2);
      expect(gateway.holes).toEqual([]);
      expect(gateway.duplicates).toEqual([]);
    });

    it('says that it has left when the room is closed, and lets go of all that rtc-node keeps', async () => {
      const listenersBefore = rtcListenerCount();
      const speaker = await speak('closed', 'ada');
      await sfu.dispatches.createDispatch('closed', 'surtitre');
      await gateway.until(() => countOf('closed', 'appended') >= 1);
      await sfu.rooms.deleteRoom('closed');
      await gateway.until(({ left }) => left.includes('closed'));
      expect(eventsOf('closed').at(-1)?.type).toBe('closed');
      await speaker.close();
      releaseRoom(speaker.room);
      await vi.waitFor(() => expect(rtcListenerCount()).toBeLessThanOrEqual(listenersBefore));
    });

    it('publishes transcriptions under the speaker for clients that know nothing of ours', async () => {
      const speaker = await speak('transcribe', 'ada');
      const received: { identity: string; text: string; attributes: Record<string, string> }[] = [];
      const complete = new Promise<void>((resolve) => {
        speaker.room.registerTextStreamHandler('lk.transcription', async (reader, { identity }) => {
          const attributes = reader.info.attributes ?? {};
          received.push({ identity, text: await reader.readAll(), attributes });
          if (attributes['lk.transcription_final'] === 'true') resolve();
        });
      });
      await sfu.dispatches.createDispatch('transcribe', 'surtitre');
      await gateway.until(() => countOf('transcribe', 'appended') >= 2);
      speaker.humming = false;
      await complete;
      expect(received.at(-1)).toMatchObject({
        identity: 'ada',
        text: expect.stringMatching(/^word1 word2/),
        attributes: { 'lk.transcribed_track_id': speaker.trackSid, 'lk.transcription_final': 'true' },
      });
      expect(new Set(received.map(({ attributes }) => attributes['lk.segment_id'])).size).toBe(1);
    });

    it('is ready and counts what it does', async () => {
      const address = `http://127.0.0.1:${health.port}`;
      expect((await fetch(`${address}/readyz`)).status).toBe(200);
      expect((await fetch(`${address}/elsewhere`)).status).toBe(404);
      const metrics = await (await fetch(`${address}/metrics`)).text();
      expect(metrics).toMatch(/^caption_agent_registered 1$/m);
      expect(metrics).toMatch(/^caption_agent_jobs_total\{outcome="success"\} \d+$/m);
    });
  },
);
