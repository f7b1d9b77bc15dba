/** Which microphones a participant hears through the real LiveKit server, and what mutes and reconnects cost. */
import { AudioStream, dispose, type RemoteTrack, Room, SimulateScenarioKind } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AudioSubscriptions, type MicrophoneListener } from '../agents/livekit/audio-subscriptions.ts';
import { createLog } from '../runtime/log.ts';
import { findLivekitServer } from './support/livekit-server.ts';
import { type LocalSfu, startLocalSfu } from './support/local-sfu.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';

type Happening = 'heard' | 'muted' | 'unmuted' | 'unheard' | 'gone';

/** Records what it is told, and reads what it hears. */
class Listener implements MicrophoneListener {
  readonly happened: Happening[] = [];
  /** When each loud frame arrived. */
  readonly loudAtMs: number[] = [];
  /** Quiet frames since the last loud one. */
  quiet = 0;
  #waiting: { condition: () => boolean; resolve: () => void }[] = [];

  onHeard(_microphone: unknown, track: RemoteTrack): void {
    this.#note('heard');
    void this.#read(track);
  }
  onMuted(): void {
    this.#note('muted');
  }
  onUnmuted(): void {
    this.#note('unmuted');
  }
  onUnheard(): void {
    this.#note('unheard');
  }
  onGone(): void {
    this.#note('gone');
  }

  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ condition, resolve }));
  }

  #note(happening: Happening): void {
    this.happened.push(happening);
    this.#check();
  }

  #check(): void {
    for (const waiting of this.#waiting.filter(({ condition }) => condition())) {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      waiting.resolve();
    }
  }

  async #read(track: RemoteTrack): Promise<void> {
    const stream = new AudioStream(track, { sampleRate: 16_000, numChannels: 1, frameSizeMs: 20 });
    for await (const frame of stream) {
      const loud = frame.data.some((sample) => sample > 3_000);
      if (loud) this.loudAtMs.push(performance.now());
      this.quiet = loud ? 0 : this.quiet + 1;
      this.#check();
    }
  }
}

const livekit = findLivekitServer();
let sfu: LocalSfu;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  if (livekit.path === null) return;
  sfu = await startLocalSfu();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  if (livekit.path === null) return;
  await dispose();
  await sfu.close();
});

async function listen(name: string, mutedHoldMs?: number): Promise<{ room: Room; listener: Listener }> {
  const room = new Room();
  const listener = new Listener();
  const log = createLog('test', 'silent');
  const subscriptions = new AudioSubscriptions({ room, listener, log, ...(mutedHoldMs && { mutedHoldMs }) });
  const token = new AccessToken(sfu.apiKey, sfu.apiSecret, { identity: 'listener' });
  token.kind = 'agent';
  token.addGrant({ roomJoin: true, room: name, agent: true, hidden: true, canPublish: false });
  await room.connect(sfu.url, await token.toJwt(), { autoSubscribe: false, dynacast: false });
  subscriptions.walk();
  closing.push(async () => {
    subscriptions.close();
    await room.disconnect();
  });
  return { room, listener };
}

async function speak(name: string): Promise<ToneSpeaker> {
  const speaker = await new ToneSpeaker().join(sfu.url, await sfu.token(name, 'ada', 'Ada'));
  closing.push(() => speaker.close());
  await speaker.publish();
  return speaker;
}

describe.skipIf(livekit.path === null)(
  `audio subscriptions${livekit.path ? '' : ` (skipped: ${livekit.reason})`}`,
  () => {
    it('hear a microphone that was there before, and one that comes later', async () => {
      await speak('before');
      const before = await listen('before');
      await before.listener.until(() => before.listener.loudAtMs.length > 0);
      const after = await listen('after');
      await speak('after');
      await after.listener.until(() => after.listener.loudAtMs.length > 0);
      expect(after.listener.happened).toEqual(['heard']);
    });

    it('tell when a microphone is no longer published', async () => {
      const speaker = await speak('unpublish');
      const { listener } = await listen('unpublish');
      await listener.until(() => listener.loudAtMs.length > 0);
      await speaker.unpublish();
      await listener.until(() => listener.happened.includes('gone'));
      expect(listener.happened).toEqual(['heard', 'unheard', 'gone']);
    });

    it('keep a muted microphone for a while, so that nothing is lost when it speaks again', async () => {
      const speaker = await speak('mute');
      const { listener } = await listen('mute');
      await listener.until(() => listener.loudAtMs.length > 0);
      await sfu.rooms.mutePublishedTrack('mute', 'ada', speaker.trackSid, true);
      await listener.until(() => listener.quiet > 5);
      const unmutedMs = performance.now();
      await sfu.rooms.mutePublishedTrack('mute', 'ada', speaker.trackSid, false);
      await listener.until(() => (listener.loudAtMs.at(-1) ?? 0) > unmutedMs);
      console.info(
        `unmuted while held: heard after ${Math.round((listener.loudAtMs.at(-1) ?? 0) - unmutedMs)} ms`,
      );
      await listener.until(() => listener.happened.includes('unmuted'));
      expect(listener.happened).toEqual(['heard', 'muted', 'unmuted']);
    });

    it('let a microphone go that stays muted, and hear it again when it is unmuted', async () => {
      const speaker = await speak('let-go');
      const { listener } = await listen('let-go', 50);
      await listener.until(() => listener.loudAtMs.length > 0);
      await sfu.rooms.mutePublishedTrack('let-go', 'ada', speaker.trackSid, true);
      await listener.until(() => listener.happened.includes('unheard'));
      const unmutedMs = performance.now();
      await sfu.rooms.mutePublishedTrack('let-go', 'ada', speaker.trackSid, false);
      await listener.until(() => (listener.loudAtMs.at(-1) ?? 0) > unmutedMs);
      expect(listener.happened).toEqual(['heard', 'muted', 'unheard', 'heard']);
      console.info(
        `unmuted after let go: heard after ${Math.round((listener.loudAtMs.at(-1) ?? 0) - unmutedMs)} ms`,
      );
    });

    it.each(['SIMULATE_FULL_RECONNECT', 'SIMULATE_SIGNAL_RECONNECT'] as const)(
      'are not deaf after %s',
      async (scenario) => {
        await speak(scenario);
        const { room, listener } = await listen(scenario);
        await listener.until(() => listener.loudAtMs.length > 0);
        const reconnected = new Promise<void>((resolve) => room.once('reconnected', resolve));
        const startedMs = performance.now();
        await room.simulateScenario(SimulateScenarioKind[scenario]);
        await reconnected;
        const reconnectedMs = performance.now();
        await listener.until(() => (listener.loudAtMs.at(-1) ?? 0) > reconnectedMs + 200);
        const gaps = listener.loudAtMs.map((atMs, i) => atMs - (listener.loudAtMs[i - 1] ?? atMs));
        const [all, longest] = [reconnectedMs - startedMs, Math.max(...gaps)].map(Math.round);
        console.info(
          `${scenario}: reconnected after ${all} ms, longest silence ${longest} ms`,
          listener.happened,
        );
      },
    );
  },
);
