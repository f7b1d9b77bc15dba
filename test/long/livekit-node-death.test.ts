/** A LiveKit node dies with a meeting on it. Everybody comes back through the balancer, on the other node, and reads on. */
import { dispose } from '@livekit/rtc-node';
import { expect, it } from 'vitest';
import { findRedisServer } from '../../bench/faults/redis-server.ts';
import { TcpProxy } from '../../bench/faults/tcp-proxy.ts';
import type { CreateRoomResponse, JoinRoomResponse } from '../../protocol/room-api.ts';
import { CaptionViewer } from '../support/caption-viewer.ts';
import { LivekitPair } from '../support/livekit-pair.ts';
import { findLivekitServer } from '../support/livekit-server.ts';
import { LoudnessAgent } from '../support/loudness-agent.ts';
import { postJson, startTestGateway } from '../support/start-gateway.ts';
import { ToneSpeaker } from '../support/tone-speaker.ts';

const reason = findLivekitServer().reason ?? findRedisServer().reason;

it.skipIf(reason !== null)(
  `a room whose LiveKit node dies is captioned on the other${reason === null ? '' : ` (skipped: ${reason})`}`,
  { timeout: 120_000 },
  async () => {
    const pair = await LivekitPair.start();
    const [dying, staying] = pair.nodes;
    let alive = dying;
    const balancer = await TcpProxy.start(() => Number(new URL(alive.url).port));
    const livekit = { ...dying, url: `ws://127.0.0.1:${balancer.port}` };
    const gateway = await startTestGateway({ livekit });
    const agents = [
      await LoudnessAgent.start(livekit, gateway.socketUrl),
      await LoudnessAgent.start(staying, gateway.socketUrl),
    ];
    const { roomId } = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
    await pair.place(roomId, dying);
    const join = `${gateway.httpUrl}/api/rooms/${roomId}/join`;
    const joined = await postJson<JoinRoomResponse>(join, { name: 'Ana' });
    const speaker = await new ToneSpeaker().join(joined.livekitUrl, joined.livekitToken);
    await speaker.publish();
    const viewer = await CaptionViewer.join(gateway.socketUrl, joined.captionsToken);
    await viewer.untilEvent(({ type }) => type === 'appended');
    const seen = viewer.events.length;
    alive = staying;
    await dying.close();
    // Words that came over the node that died may still be on their way; those of a new utterance are not.
    await viewer.inbox.until(() => viewer.events.slice(seen).some(({ type }) => type === 'opened'));
    expect(await pair.nodeOf(roomId)).toBe(staying);

    await viewer.close();
    await speaker.close();
    await Promise.all(agents.map((agent) => agent.close()));
    await dispose();
    await gateway.close();
    await balancer.close();
    await pair.close();
  },
);
