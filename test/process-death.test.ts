/** What readers see when a process is killed in mid-speech: a marked gap or nothing missing, never silence. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadAudioFile } from '../agents/audio/audio-file.ts';
import { CaptionLines } from '../client-overlay/overlay/caption-lines.ts';
import { CaptionFollower } from '../demo/caption-follower.ts';
import { SOURCE_RATE_HZ } from '../demo/paced-source.ts';
import { RoomSpeaker } from '../demo/room-speaker.ts';
import type { ManagedProcess } from '../launch/managed-process.ts';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import { sampleFile } from './support/microphone-file.ts';
import { startTestStack, type TestStack } from './support/stack.ts';

/** A room with a speaker who goes on speaking and a viewer who keeps what it is told. */
class Talk {
  readonly events: CaptionEvent[] = [];
  readonly lines = new CaptionLines();
  readonly follower: CaptionFollower;
  readonly roomId: string;
  /** Text that did not join up with what was held before. */
  holes = 0;
  readonly #bot: RoomSpeaker;
  readonly #waiting = new Set<() => void>();
  #talking = true;

  private constructor(roomId: string, bot: RoomSpeaker, follower: (talk: Talk) => CaptionFollower) {
    this.roomId = roomId;
    this.#bot = bot;
    this.follower = follower(this);
  }

  static async start(stack: TestStack): Promise<Talk> {
    const { roomId } = await stack.service.createRoom('en');
    const bot = await RoomSpeaker.join(await stack.service.join(roomId, 'Ada'));
    const access = await stack.service.join(roomId, 'Marie');
    const talk = new Talk(
      roomId,
      bot,
      (self) =>
        new CaptionFollower({
          access: async () => access,
          onEvents: (events) => self.#take(events),
          onEnded: (error) => {
            throw error;
          },
        }),
    );
    await talk.follower.connect();
    const samples = await loadAudioFile(sampleFile('en-1'), SOURCE_RATE_HZ);
    void talk.#speak(samples);
    return talk;
  }

  /** Resolves with the time it took, ms. */
  until(condition: () => boolean): Promise<number> {
    const startedMs = performance.now();
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve(performance.now() - startedMs);
      };
      this.#waiting.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    this.#talking = false;
    this.follower.close();
    await this.#bot.leave();
  }

  #take(events: readonly CaptionEvent[]): void {
    this.events.push(...events);
    for (const event of events) if (this.lines.apply(event).type === 'needs-resume') this.holes += 1;
    for (const look of [...this.#waiting]) look();
  }

  async #speak(samples: Int16Array): Promise<void> {
    while (this.#talking) await this.#bot.speak(once(samples));
  }
}

async function* once(samples: Int16Array): AsyncGenerator<Int16Array> {
  yield samples;
}

function kill(process_: ManagedProcess): void {
  if (process_.pid === undefined) throw new Error(`${process_.name} does not run`);
  process.kill(process_.pid, 'SIGKILL');
}

function words(events: readonly CaptionEvent[]): number {
  return events.filter((event) => event.type === 'appended').length;
}

describe('a process is killed in mid-speech', () => {
  let stack: TestStack;
  let talk: Talk;

  beforeAll(async () => {
    stack = await startTestStack();
  }, 120_000);

  afterEach(() => talk?.close());

  afterAll(() => stack?.close());

  it('agent: viewers are told, another takes over within 10 s, and the gap is marked', async () => {
    talk = await Talk.start(stack);
    await talk.until(() => words(talk.events) > 3);
    const killedAtMs = Date.now();
    kill(stack.agent);
    await talk.until(() => states(talk.events).at(-1) === 'interrupted');
    const takeoverMs = await talk.until(() => states(talk.events).at(-1) === 'live');
    expect(takeoverMs).toBeLessThan(10_000);
    await talk.until(() => talk.events.some((event) => event.type === 'gap'));
    const gap = talk.events.find((event) => event.type === 'gap');
    expect(gap).toMatchObject({ type: 'gap', identity: null, reason: 'agent-lost' });
    if (gap?.type !== 'gap') return;
    expect(gap.fromMs).toBeLessThan(killedAtMs + 500);
    expect(gap.toMs).toBeGreaterThan(killedAtMs);
    const before = words(talk.events);
    await talk.until(() => words(talk.events) > before + 3);
  }, 60_000);

  it('gateway: viewers come back by themselves and miss nothing that was said', async () => {
    talk = await Talk.start(stack);
    await talk.until(() => words(talk.events) > 3);
    kill(stack.gateway);
    await stack.gateway.nextReady();
    const before = words(talk.events);
    await talk.until(() => words(talk.events) > before + 3);
    expect(talk.follower.reconnects).toBeGreaterThan(0);
    expect(talk.lines.gaps).toEqual([]);
    expect(talk.holes).toBe(0);
    // One who comes only now is given what the agent still held: the first viewer has all of it, unchanged.
    const late = await CaptionViewer.join(
      stack.socketUrl,
      (await stack.service.join(talk.roomId, 'Late')).captionsToken,
    );
    const history = late.welcome.events.filter((event) => event.type === 'restored');
    expect(history.length).toBeGreaterThan(0);
    for (const { utterance, text } of history) expect(talk.lines.get(utterance)?.text).toContain(text);
    await late.close();
  }, 60_000);
});

function states(events: readonly CaptionEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'status' ? [event.state] : []));
}
