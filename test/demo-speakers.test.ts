/** *Try the demo*: speakers come into a room that asks for them, are captioned, and leave when people have left. */
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CaptionFollower } from '../demo/caption-follower.ts';
import { RoomSpeaker } from '../demo/room-speaker.ts';
import { SpokenWords } from '../demo/spoken-words.ts';
import { startTestStack, type TestStack } from './support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ SURTITRE_DEMO_AGENT_NAME: 'surtitre-demo' });
}, 180_000);
afterAll(() => stack?.close(), 20_000);

test('both voices are captioned under their names, and are gone after the last person', async () => {
  const { roomId } = await stack.service.createRoom('auto');
  const access = await stack.service.join(roomId, 'Someone');
  const person = await RoomSpeaker.join(access);
  const words = new SpokenWords();
  const follower = new CaptionFollower({
    access: async () => access,
    onEvents: (events, times, receivedMs) => void words.apply(events, times, receivedMs),
    onEnded: (error) => console.error(error.message),
  });
  try {
    await follower.connect();
    expect((await fetch(`${stack.url}/api/rooms/${roomId}/demo`, { method: 'POST' })).status).toBe(204);
    const captioned = () =>
      words.speakers.filter((speaker) => speaker.words.length > 2).map(({ name }) => name);
    await expect
      .poll(() => captioned().sort(), { timeout: 60_000, interval: 500 })
      .toEqual(['English voice (demo)', 'Voix françaises (démo)']);
  } finally {
    follower.close();
    await person.leave();
  }
  const client = new RoomServiceClient(stack.livekitUrl.replace('ws', 'http'), stack.apiKey, stack.apiSecret);
  const present = async () => {
    const rooms = await client.listRooms([roomId]);
    const participants = rooms.length === 0 ? [] : await client.listParticipants(roomId);
    return participants.map(({ identity }) => identity).filter((identity) => identity.startsWith('demo-'));
  };
  await expect.poll(present, { timeout: 30_000, interval: 1_000 }).toEqual([]);
  expect(stack.log('demo')).not.toContain('"level":"error"');
}, 120_000);
