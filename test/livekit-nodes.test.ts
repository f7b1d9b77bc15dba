/** LiveKit in multi-node mode: two nodes, one Redis, agents registered with either. A room on any of them is captioned. */
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findRedisServer } from '../bench/faults/redis-server.ts';
import type { CreateRoomResponse, JoinRoomResponse } from '../protocol/room-api.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import { LivekitPair } from './support/livekit-pair.ts';
import { findLivekitServer } from './support/livekit-server.ts';
import { LoudnessAgent } from './support/loudness-agent.ts';
import { postJson, startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';

const livekit = findLivekitServer();
const reason = livekit.reason ?? findRedisServer().reason;

describe.skipIf(reason !== null)(`two LiveKit nodes${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let pair: LivekitPair;
  let gateway: TestGateway;
  const speakers: ToneSpeaker[] = [];
  const agents: LoudnessAgent[] = [];

  beforeAll(async () => {
    pair = await LivekitPair.start();
    gateway = await startTestGateway({ livekit: pair.nodes[0] });
  });
  afterEach(async () => {
    await Promise.all(speakers.splice(0).map((speaker) => speaker.close()));
    await Promise.all(agents.splice(0).map((agent) => agent.close()));
  });
  afterAll(async () => {
    await dispose();
    await gateway.close();
    await pair.close();
  });

  async function startAgentAt(node: number): Promise<LoudnessAgent> {
    const agent = await LoudnessAgent.start(pair.nodes[node] ?? pair.nodes[0], gateway.socketUrl);
    agents.push(agent);
    return agent;
  }

  /** Somebody speaks and somebody reads in a room that lives on this node; both come by the gateway's address. */
  async function captionRoomOn(node: number): Promise<CaptionViewer> {
    const { roomId } = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
    const home = pair.nodes[node] ?? pair.nodes[0];
    await pair.place(roomId, home);
    const join = `${gateway.httpUrl}/api/rooms/${roomId}/join`;
    const joined = await postJson<JoinRoomResponse>(join, { name: 'Ana' });
    const speaker = await new ToneSpeaker().join(joined.livekitUrl, joined.livekitToken);
    speakers.push(speaker);
    await speaker.publish();
    const viewer = await CaptionViewer.join(gateway.socketUrl, joined.captionsToken);
    await viewer.untilEvent(({ type }) => type === 'appended');
    expect(await pair.nodeOf(roomId)).toBe(home);
    return viewer;
  }

  it('rooms on both are captioned at the same time, with an agent at each', async () => {
    await Promise.all([startAgentAt(0), startAgentAt(1)]);
    const viewers = await Promise.all([captionRoomOn(0), captionRoomOn(1)]);
    expect(viewers.map((viewer) => viewer.events.some(({ type }) => type === 'gap'))).toEqual([false, false]);
    await Promise.all(viewers.map((viewer) => viewer.close()));
  });

  it.each([
    [0, 1],
    [1, 0],
  ])('an agent at node %i captions a room on node %i', async (agentAt, roomOn) => {
    const agent = await startAgentAt(agentAt);
    const viewer = await captionRoomOn(roomOn);
    expect(agent.heardMs).toBeGreaterThan(0);
    await viewer.close();
  });
});
