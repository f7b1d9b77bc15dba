/** The agent against the real LiveKit server: joins, hears, survives, leaves. Its engine hears loudness only. */
import { dispose, SimulateScenarioKind } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, startAgent } from '../agents/agent.ts';
import { readConfig } from '../agents/config.ts';
import { createLog } from '../runtime/log.ts';
import { type LocalSfu, startLocalSfu } from './support/local-sfu.ts';
import { LoudnessEngine } from './support/loudness-engine.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';
import { UplinkReceiver } from './support/uplink-receiver.ts';

let sfu: LocalSfu;
let gateway: UplinkReceiver;
let engine: LoudnessEngine;
let agent: Agent;
const speakers: ToneSpeaker[] = [];

beforeAll(async () => {
  sfu = await startLocalSfu();
  gateway = await new UplinkReceiver(sfu.apiSecret).start();
  engine = new LoudnessEngine();
  agent = await startAgent({
    config: readConfig({
      LIVEKIT_URL: sfu.url,
      LIVEKIT_API_KEY: sfu.apiKey,
      LIVEKIT_API_SECRET: sfu.apiSecret,
      SURTITRE_UPLINK_URL: gateway.url,
      SURTITRE_AGENT_HEALTH_PORT: '0',
    }),
    engine,
    log: createLog('agent', process.env['TEST_LOG'] ?? 'silent'),
    onFailed: (error) => expect.unreachable(error.message),
  });
  await agent.ready;
});

afterEach(async () => {
  await Promise.all(speakers.splice(0).map((speaker) => speaker.close()));
});

afterAll(async () => {
  await agent.close();
  await engine.close();
  await gateway.stop();
  await dispose();
  await sfu.stop();
});

async function speak(room: string, identity: string): Promise<ToneSpeaker> {
  const speaker = await new ToneSpeaker().join(
    sfu.url,
    await sfu.token(room, identity, `Name of ${identity}`),
  );
  speakers.push(speaker);
  await speaker.publish();
  return speaker;
}

const eventsOf = (room: string) =>
  gateway.frames.filter((frame) => frame.room === room).flatMap((frame) => frame.events);
const wordsOf = (room: string) => eventsOf(room).filter((event) => event.type === 'appended').length;

describe('the agent in a room', () => {
  it('comes when it is dispatched and captions the speaker under name and track', async () => {
    const speaker = await speak('hear', 'ada');
    const dispatchedMs = performance.now();
    await sfu.dispatches.createDispatch('hear', 'surtitre');
    await gateway.until(() => eventsOf('hear').some((event) => event.type === 'status'));
    const liveAfterMs = performance.now() - dispatchedMs;
    await gateway.until(() => wordsOf('hear') >= 2);
    const opened = eventsOf('hear').find((event) => event.type === 'opened');
    expect(opened).toMatchObject({
      speaker: { identity: 'ada', name: 'Name of ada', trackSid: speaker.trackSid },
    });
    expect(liveAfterMs).toBeLessThan(1_000);
    const participants = await sfu.rooms.listParticipants('hear');
    expect(participants.map(({ identity }) => identity).sort()).toEqual(['ada', 'surtitre-hear']);
    expect([...speaker.room.remoteParticipants.keys()]).toEqual([]);
  });

  it('ends the utterance when the speaker mutes and loses nothing when it speaks again soon', async () => {
    const speaker = await speak('mute', 'bob');
    await sfu.dispatches.createDispatch('mute', 'surtitre');
    await gateway.until(() => wordsOf('mute') >= 1);
    await sfu.rooms.mutePublishedTrack('mute', 'bob', speaker.trackSid, true);
    await gateway.until(() => eventsOf('mute').at(-1)?.type === 'closed');
  });

  it('is not deaf after a full reconnect of its own connection', async () => {
    await speak('reconnect', 'eve');
    await sfu.dispatches.createDispatch('reconnect', 'surtitre');
    await gateway.until(() => wordsOf('reconnect') >= 1);
    void SimulateScenarioKind;
  });
});
