/** Agents come when captions are wanted, go when they are not, and are replaced when they die. Real LiveKit server. */
import { dispose } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from '../agents/agent.ts';
import { readConfig } from '../agents/config.ts';
import { CAPTIONING_TIMES } from '../gateway/rooms/room-captioning.ts';
import type { JoinRoomResponse } from '../protocol/room-api.ts';
import { createLog } from '../runtime/log.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import {
  findLivekitServer,
  type RunningLivekitServer,
  startLivekitServer,
} from './support/livekit-server.ts';
import { LoudnessEngine } from './support/loudness-engine.ts';
import { MortalAgent } from './support/mortal-agent.ts';
import { joinNewRoom, startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';
import { appendedText, openedUtterance } from './support/uplink-agent.ts';

const livekit = findLivekitServer();
const times = { ...CAPTIONING_TIMES, graceMs: 200 };

describe.skipIf(livekit.path === null)(
  `caption dispatch${livekit.path ? '' : ` (skipped: ${livekit.reason})`}`,
  () => {
    let sfu: RunningLivekitServer;
    let rooms: RoomServiceClient;
    const speakers: ToneSpeaker[] = [];
    const viewers: CaptionViewer[] = [];

    beforeAll(async () => {
      sfu = await startLivekitServer();
      rooms = new RoomServiceClient(sfu.url.replace('ws', 'http'), sfu.apiKey, sfu.apiSecret);
    });
    afterEach(async () => {
      await Promise.all(speakers.splice(0).map((speaker) => speaker.close()));
      for (const viewer of viewers.splice(0)) viewer.socket.terminate();
    });
    afterAll(async () => {
      await dispose();
      await sfu.close();
    });

    async function speak({ livekitUrl, livekitToken }: JoinRoomResponse): Promise<ToneSpeaker> {
      const speaker = await new ToneSpeaker().join(livekitUrl, livekitToken);
      speakers.push(speaker);
      await speaker.publish();
      return speaker;
    }

    async function view(gateway: TestGateway, { captionsToken }: JoinRoomResponse): Promise<CaptionViewer> {
      const viewer = await CaptionViewer.join(gateway.socketUrl, captionsToken);
      viewers.push(viewer);
      return viewer;
    }

    async function isAgentIn(room: string): Promise<boolean> {
      const participants = await rooms.listParticipants(room);
      return participants.some(({ identity }) => identity === `surtitre-${room}`);
    }

    async function untilAgentIs(presence: 'present' | 'absent', room: string): Promise<void> {
      while ((await isAgentIn(room)) !== (presence === 'present')) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    describe('with a working agent', () => {
      let gateway: TestGateway;
      let engine: LoudnessEngine;
      let agent: Agent;

      beforeAll(async () => {
        gateway = await startTestGateway({ livekit: sfu, times });
        engine = new LoudnessEngine();
        agent = await startAgent({
          config: readConfig({
            LIVEKIT_URL: sfu.url,
            LIVEKIT_API_KEY: sfu.apiKey,
            LIVEKIT_API_SECRET: sfu.apiSecret,
            SURTITRE_UPLINK_URL: gateway.socketUrl,
            SURTITRE_AGENT_HEALTH_PORT: '0',
          }),
          engine,
          log: createLog('agent', process.env.TEST_LOG ?? 'silent'),
          onFailed: (error) => expect.unreachable(error.message),
        });
        await agent.ready;
      });
      afterAll(async () => {
        await agent.close();
        await engine.close();
        await gateway.close();
      });

      it('a room is captioned from the first press on, and no longer than somebody watches', async () => {
        const joined = await joinNewRoom(gateway.httpUrl);
        await speak(joined);
        expect(await isAgentIn(joined.roomId)).toBe(false);
        const pressedMs = performance.now();
        const viewer = await view(gateway, joined);
        await viewer.untilState('live');
        // Within a second on an idle machine; this one may carry the other tests too.
        expect(performance.now() - pressedMs).toBeLessThan(3_000);
        await viewer.untilEvent(({ type }) => type === 'appended');
        await viewer.close();
        await untilAgentIs('absent', joined.roomId);
        // Somebody presses again: what was said before is still there, and an agent comes again.
        const again = await view(gateway, joined);
        expect(again.welcome.events).toContainEqual(expect.objectContaining({ type: 'restored' }));
        await again.untilState('live');
      });

      it('the host switches captions off for everybody, and on again', async () => {
        const joined = await joinNewRoom(gateway.httpUrl);
        await speak(joined);
        const viewer = await view(gateway, joined);
        await viewer.untilState('live');
        const setMode = (mode: string) =>
          fetch(`${gateway.httpUrl}/api/rooms/${joined.roomId}/captions`, {
            method: 'PUT',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${joined.hostKey}` },
            body: JSON.stringify({ mode }),
          });
        expect((await setMode('off')).status).toBe(204);
        await viewer.untilState('off');
        await untilAgentIs('absent', joined.roomId);
        const seen = viewer.events.length;
        expect((await setMode('on-demand')).status).toBe(204);
        await viewer.inbox.until(() =>
          viewer.events.slice(seen).some((event) => event.type === 'status' && event.state === 'live'),
        );
      });

      it('a room that is always captioned needs no viewer', async () => {
        const joined = await joinNewRoom(gateway.httpUrl, { captions: 'always' });
        await untilAgentIs('present', joined.roomId);
      });

      it('a gateway that starts anew finds the agents at their work and calls no others', async () => {
        const joined = await joinNewRoom(gateway.httpUrl);
        await speak(joined);
        const viewer = await view(gateway, joined);
        await viewer.untilEvent(({ type }) => type === 'appended');
        const text = viewer.events.flatMap((event) => (event.type === 'appended' ? [event.utterance] : []));
        const { socketPort, httpPort } = gateway;
        await gateway.close();
        gateway = await startTestGateway({
          livekit: sfu,
          times,
          env: { SURTITRE_SOCKET_PORT: String(socketPort), SURTITRE_HTTP_PORT: String(httpPort) },
        });
        const returned = await CaptionViewer.join(gateway.socketUrl, joined.captionsToken, viewer.position);
        viewers.push(returned);
        expect(returned.welcome.epoch).not.toBe(viewer.welcome.epoch);
        await returned.untilState('live');
        await returned.untilEvent((event) => 'utterance' in event && event.utterance === text[0]);
        expect(returned.events.some(({ type }) => type === 'gap')).toBe(false);
        expect(await gateway.metric('caption_dispatches_total{result="asked"}')).toBe(0);
      });
    });

    describe('with agents that die', () => {
      let gateway: TestGateway;
      const agents: MortalAgent[] = [];

      beforeAll(async () => {
        gateway = await startTestGateway({
          livekit: sfu,
          times,
          env: { SURTITRE_AGENT_NAME: 'mortal' },
        });
      });
      afterEach(async () => {
        await Promise.all(agents.splice(0).map((agent) => agent.die().then(() => agent.bury())));
      });
      afterAll(() => gateway.close());

      async function startMortal(): Promise<MortalAgent> {
        const agent = await MortalAgent.start(gateway, sfu.url, 'mortal');
        agents.push(agent);
        return agent;
      }

      it('says that there is none when nobody comes, and captions as soon as one does', async () => {
        const joined = await joinNewRoom(gateway.httpUrl);
        await speak(joined);
        const viewer = await view(gateway, joined);
        await viewer.untilState('unavailable');
        await startMortal();
        await viewer.untilState('live');
      });

      it('another one takes over at once, and the gap is marked', async () => {
        const joined = await joinNewRoom(gateway.httpUrl);
        await speak(joined);
        const first = await startMortal();
        const viewer = await view(gateway, joined);
        await viewer.untilState('live');
        const second = await startMortal();
        const nowMs = Date.now();
        first.say(joined.roomId, [openedUtterance(1, nowMs), appendedText(1, 0, 'half', nowMs)]);
        await viewer.untilEvent(({ type }) => type === 'appended');
        const diedMs = performance.now();
        const expelled = first.expelled(joined.roomId);
        await first.die();
        await viewer.untilState('interrupted');
        await viewer.untilEvent(({ type }) => type === 'gap');
        expect(performance.now() - diedMs).toBeLessThan(10_000);
        expect(viewer.events).toContainEqual(
          expect.objectContaining({ type: 'gap', reason: 'agent-lost', fromMs: nowMs + 100 }),
        );
        await expelled;
        expect(second.rooms).toEqual([joined.roomId]);
      });

      it('the same room is taken by an agent that is started only after the death', async () => {
        const joined = await joinNewRoom(gateway.httpUrl);
        await speak(joined);
        const first = await startMortal();
        const viewer = await view(gateway, joined);
        await viewer.untilState('live');
        await first.die();
        await viewer.untilState('unavailable');
        const startedMs = performance.now();
        await startMortal();
        await viewer.untilEvent(({ type }) => type === 'gap');
        expect(performance.now() - startedMs).toBeLessThan(5_000);
      });
    });
  },
);
