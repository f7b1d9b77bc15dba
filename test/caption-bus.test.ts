/**
 * The contract of the bus, over each of its implementations, and what becomes of rooms when Redis fails in every
 * way that it can: with real servers, and with real hubs as the nodes.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HubNode, type HubViewer } from '../bench/faults/hub-node.ts';
import { findRedisServer, RedisServer } from '../bench/faults/redis-server.ts';
import { TcpProxy } from '../bench/faults/tcp-proxy.ts';
import type { CaptionBus, RoomEntry, RoomFollower, RoomPast } from '../gateway/bus/caption-bus.ts';
import { MemoryBus } from '../gateway/bus/memory-bus.ts';
import { RedisBus } from '../gateway/bus/redis-bus.ts';
import type { RoomInput } from '../gateway/bus/room-input.ts';
import type { AgentSession } from '../gateway/fanout/agent-session.ts';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import { createLog } from '../runtime/log.ts';
import { appendedText, live, openedUtterance } from './support/uplink-agent.ts';

const log = createLog('bus', process.env.TEST_LOG ?? 'silent');
const found = findRedisServer();
const why = found.path === null ? ` (skipped: ${found.reason})` : '';
let lastRoom = 0;
const newRoom = (): string => `room-${++lastRoom}`;

const frame = (session: string, number: number, events: CaptionEvent[] = []): RoomInput => ({
  type: 'frame',
  session,
  connection: 1,
  number,
  isHole: false,
  times: null,
  receivedMs: 1,
  events,
});

/** Keeps what it is told. */
class Recorder implements RoomFollower {
  past: RoomPast | null = null;
  readonly entries: RoomEntry[] = [];
  erased = 0;
  readonly caughtUp: Promise<void>;
  handleCaughtUp: () => void = () => {};

  constructor() {
    this.caughtUp = new Promise((resolve) => {
      this.handleCaughtUp = resolve;
    });
  }

  get inputs(): RoomInput[] {
    return [...(this.past?.entries ?? []), ...this.entries].flatMap(({ inputs }) => inputs);
  }

  get numbers(): number[] {
    return this.inputs.flatMap((input) => (input.type === 'frame' ? [input.number] : []));
  }

  handlePast(past: RoomPast): boolean {
    this.past = past;
    return false;
  }

  handleEntry(entry: RoomEntry): void {
    this.entries.push(entry);
  }

  handleErased(): void {
    this.erased += 1;
  }

  save(): Uint8Array {
    return Uint8Array.of(0xc0);
  }

  saveAfterLoss(): Uint8Array {
    return this.save();
  }
}

describe.each<[string, boolean, () => Promise<{ bus: CaptionBus; close: () => Promise<void> }>]>([
  [
    'the bus in this process',
    false,
    async () => {
      const bus = new MemoryBus();
      return { bus, close: () => bus.close() };
    },
  ],
  [
    `the bus in Redis${why}`,
    found.path === null,
    async () => {
      const redis = await RedisServer.start();
      const bus = await RedisBus.open({ url: redis.url, keepS: 60, log });
      return {
        bus,
        close: async () => {
          await bus.close();
          await redis.close();
        },
      };
    },
  ],
])('%s', (_name, isSkipped, open) => {
  let bus: CaptionBus;
  let close: () => Promise<void>;

  beforeAll(async () => {
    if (!isSkipped) ({ bus, close } = await open());
  });
  afterAll(() => close?.());

  const follow = (room: string): Recorder => {
    const recorder = new Recorder();
    bus.follow(room, recorder);
    return recorder;
  };

  it.skipIf(isSkipped)('hands over what is appended, in order and numbered without a hole', async () => {
    const room = newRoom();
    const recorder = follow(room);
    await Promise.all([1, 2, 3].map((number) => bus.append(room, frame('s', number))));
    await bus.append(room, { type: 'left', session: 's' });
    await expect.poll(() => recorder.inputs.length).toBe(4);
    expect(recorder.numbers).toEqual([1, 2, 3]);
    const start = recorder.past?.offset ?? Number.NaN;
    expect(recorder.entries.map(({ offset }) => offset)).toEqual(
      recorder.entries.map((_, index) => start + index + 1),
    );
    expect(recorder.past?.epoch).toBeGreaterThan(0);
  });

  it.skipIf(isSkipped)('takes a frame once, and says what it has of a session', async () => {
    const room = newRoom();
    const recorder = follow(room);
    const taken = [];
    for (const number of [1, 2, 2, 1, 3]) taken.push(await bus.append(room, frame('s', number)));
    expect(taken).toEqual(['taken', 'taken', 'duplicate', 'duplicate', 'taken']);
    await expect.poll(() => recorder.numbers).toEqual([1, 2, 3]);
    expect(await bus.held('s', [room, 'unknown'])).toEqual(new Map([[room, 3]]));
    expect(await bus.held('other', [room])).toEqual(new Map());
  });

  it.skipIf(isSkipped)('marks a frame before which others are missing, but not the first', async () => {
    const room = newRoom();
    const recorder = follow(room);
    for (const number of [7, 8, 10]) await bus.append(room, frame('s', number));
    await expect.poll(() => recorder.inputs.length).toBe(3);
    expect(recorder.inputs.map((input) => input.type === 'frame' && input.isHole)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it.skipIf(isSkipped)('takes an agent that comes back counting from 1 by its newer `live`', async () => {
    const room = newRoom();
    const recorder = follow(room);
    await bus.append(room, frame('s', 1, [live(100)]));
    await bus.append(room, frame('s', 2));
    expect(await bus.append(room, frame('s', 1, [live(100)]))).toBe('duplicate');
    expect(await bus.append(room, frame('s', 1, [live(200)]))).toBe('taken');
    await expect.poll(() => recorder.numbers).toEqual([1, 2, 1]);
    expect(recorder.inputs.every((input) => input.type === 'frame' && !input.isHole)).toBe(true);
  });

  it.skipIf(isSkipped)('forgets an erased room and refuses what comes late of it', async () => {
    const room = newRoom();
    const before = follow(room);
    await bus.append(room, frame('s', 1, [live(100)]));
    bus.erase(room);
    const after = follow(room);
    await after.caughtUp;
    expect(await bus.append(room, frame('s', 2))).toBe('over');
    expect(await bus.append(room, frame('s', 3, [live(200)]))).toBe('taken');
    await expect.poll(() => after.numbers).toEqual([3]);
    expect(after.past?.epoch).not.toBe(before.past?.epoch);
  });

  it.skipIf(isSkipped)('has one node fetch agents for a room, as long as it asks', async () => {
    const room = newRoom();
    await follow(room).caughtUp;
    expect(await bus.lead(room)).toBe(true);
    expect(await bus.lead(room)).toBe(true);
  });
});

/** An agent whose frames are words of one long utterance, given to one node or the other. */
class Speaker {
  readonly room: string;
  #session: AgentSession | null = null;
  #number = 0;
  #text = '';
  readonly #id: string;

  constructor(room: string, id = `session-${room}`) {
    this.room = room;
    this.#id = id;
  }

  get text(): string {
    return this.#text;
  }

  get number(): number {
    return this.#number;
  }

  /** As an agent's uplink does after each connection; resolves with the number that is held. */
  async connect(node: HubNode): Promise<number> {
    const { session, held } = await node.hub.openSession(this.#id, 'agent', [this.room]);
    this.#session = session;
    return held.get(this.room) ?? 0;
  }

  get session(): AgentSession | null {
    return this.#session;
  }

  disconnect(node: HubNode): void {
    if (this.#session) node.hub.loseSession(this.#session);
  }

  /** Resolves when the word is in the log. */
  async say(node: HubNode, word: string): Promise<void> {
    if (!this.#session) throw new Error('not connected');
    const text = this.#text === '' ? word : ` ${word}`;
    const events: CaptionEvent[] = [];
    if (this.#number === 0) events.push(live(1_000), openedUtterance(1, 1_000));
    events.push(appendedText(1, this.#text.length, text, 1_000 + 100 * this.#number));
    this.#number += 1;
    this.#text += text;
    await node.hub.takeFrame(
      this.#session,
      { type: 'frame', room: this.room, number: this.#number, times: null, events },
      Date.now(),
    );
  }
}

describe.skipIf(found.path === null)(`two gateways and a Redis${why}`, () => {
  let redis: RedisServer;
  let nodes: HubNode[] = [];
  let proxies: TcpProxy[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    for (const node of nodes) await node.close();
    for (const proxy of proxies) await proxy.close();
    nodes = [];
    proxies = [];
  });
  afterAll(() => redis.close());

  async function startNode(url = redis.url): Promise<HubNode> {
    const node: HubNode = new HubNode(
      await RedisBus.open({
        url,
        keepS: 60,
        log,
        onRead: () => node.metrics.busReads.inc(),
        onRewritten: () => node.metrics.busEpochChanges.inc(),
      }),
    );
    nodes.push(node);
    return node;
  }

  async function startProxy(target: () => number = () => redis.port): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(target);
    proxies.push(proxy);
    return proxy;
  }

  const proxied = (proxy: TcpProxy): string => `redis://127.0.0.1:${proxy.port}`;
  const key = (room: string, part: string): string => `surtitre:{${room}}:${part}`;
  const readsOf = async ({ metrics }: HubNode): Promise<number> =>
    (await metrics.busReads.get()).values[0]?.value ?? 0;
  const allCaughtUp = (viewers: HubViewer[], text: string): Promise<unknown> =>
    Promise.all(viewers.map((viewer) => viewer.until(() => viewer.text === text)));

  it('show the same captions under the same numbers, wherever the agent is', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const speaker = new Speaker(newRoom());
    const viewers = [await a.join(speaker.room), await b.join(speaker.room)];
    await speaker.connect(a);
    for (const word of ['one', 'two', 'three']) await speaker.say(a, word);
    await allCaughtUp(viewers, 'one two three');
    expect(viewers[0]?.position).toEqual(viewers[1]?.position);
    expect(viewers[1]?.state).toBe('live');
    expect(b.hub.isServed(speaker.room)).toBe(true);
  });

  it('let a viewer resume on the other one with what changed, and nothing else', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const speaker = new Speaker(newRoom());
    const viewer = await a.join(speaker.room);
    await speaker.connect(a);
    await speaker.say(a, 'before');
    await viewer.until(({ text }) => text === 'before');
    a.part(speaker.room, viewer);
    const { position } = viewer;
    await speaker.say(a, 'after');
    const { epoch } = (await b.join(speaker.room, viewer)).position;
    expect(epoch).toBe(position.epoch);
    expect(viewer.text).toBe('before after');
    expect(viewer.gaps).toBe(0);
  });

  it('read a room once, however many viewers come at once', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const speaker = new Speaker(newRoom());
    await speaker.connect(a);
    for (let word = 0; word < 50; word += 1) await speaker.say(a, `w${word}`);
    const before = await redis.calls('xrange');
    const crowd = await Promise.all(Array.from({ length: 1_000 }, () => b.join(speaker.room)));
    expect(crowd.every(({ text }) => text === speaker.text)).toBe(true);
    expect(await readsOf(b)).toBe(1);
    expect((await redis.calls('xrange')) - before).toBe(1);
  });

  it('leave a copy of a long meeting, so that its log stays short', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const speaker = new Speaker(newRoom());
    await speaker.connect(a);
    for (let word = 0; word < 1_200; word += 1) await speaker.say(a, `w${word}`);
    await expect.poll(() => redis.command('EXISTS', key(speaker.room, 'copy'))).toBe(1);
    await expect.poll(() => redis.command('XLEN', key(speaker.room, 'log'))).toBeLessThan(1_000);
    const late = await b.join(speaker.room);
    expect(late.text).toBe(speaker.text);
    expect(late.gaps).toBe(0);
    await speaker.say(a, 'more');
    await allCaughtUp([late], speaker.text);
  });

  it('agree on an agent that moves from one to the other in mid-word', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const speaker = new Speaker(newRoom());
    const viewers = [await a.join(speaker.room), await b.join(speaker.room)];
    await speaker.connect(a);
    await speaker.say(a, 'one');
    await allCaughtUp(viewers, 'one');
    speaker.disconnect(a);
    await Promise.all(viewers.map((viewer) => viewer.until(({ state }) => state === 'interrupted')));
    expect(await speaker.connect(b)).toBe(1);
    await Promise.all(viewers.map((viewer) => viewer.until(({ state }) => state === 'live')));
    await speaker.say(b, 'two');
    await allCaughtUp(viewers, 'one two');
    expect(viewers.map(({ gaps }) => gaps)).toEqual([0, 0]);
  });

  it('do NOT call an agent lost because its former connection ends late', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const speaker = new Speaker(newRoom());
    const viewer = await b.join(speaker.room);
    await speaker.connect(a);
    await speaker.say(a, 'one');
    const { session: former } = speaker;
    await speaker.connect(b);
    await speaker.say(b, 'two');
    if (former) a.hub.loseSession(former);
    await speaker.say(b, 'three');
    await viewer.until(({ text }) => text === 'one two three');
    expect(viewer.state).toBe('live');
  });

  it('both forget an erased room, and close its viewers', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const speaker = new Speaker(newRoom());
    const viewers = [await a.join(speaker.room), await b.join(speaker.room)];
    await speaker.connect(a);
    await speaker.say(a, 'secret');
    await allCaughtUp(viewers, 'secret');
    b.hub.erase(speaker.room);
    await expect.poll(() => viewers.every(({ isClosed }) => isClosed)).toBe(true);
    expect(await redis.command('EXISTS', key(speaker.room, 'log'), key(speaker.room, 'copy'))).toBe(0);
    expect((await a.join(speaker.room)).text).toBe('');
  });

  it('do NOT bring back a room that was erased while one of them was cut off', async () => {
    const proxy = await startProxy();
    const [a, b] = [await startNode(proxied(proxy)), await startNode()];
    const speaker = new Speaker(newRoom());
    const viewers = [await a.join(speaker.room), await b.join(speaker.room)];
    await speaker.connect(b);
    await speaker.say(b, 'secret');
    await allCaughtUp(viewers, 'secret');
    proxy.set({ mode: 'paused' });
    b.hub.erase(speaker.room);
    await expect.poll(() => viewers[1]?.isClosed).toBe(true);
    expect((await b.join(speaker.room)).text).toBe('');
    proxy.cut();
    proxy.set({ mode: 'open' });
    await expect.poll(() => viewers[0]?.isClosed, { timeout: 10_000 }).toBe(true);
    expect((await b.join(speaker.room)).text).toBe('');
  });

  it('lose nothing when Redis ends their connections', async () => {
    const [a, b] = [await startNode(), await startNode()];
    const speaker = new Speaker(newRoom());
    const viewers = [await a.join(speaker.room), await b.join(speaker.room)];
    await speaker.connect(a);
    await speaker.say(a, 'one');
    await allCaughtUp(viewers, 'one');
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await expect.poll(() => a.bus.isReachable && b.bus.isReachable).toBe(true);
    await speaker.connect(b);
    await speaker.say(b, 'two');
    await allCaughtUp(viewers, 'one two');
    expect(viewers.map(({ gaps }) => gaps)).toEqual([0, 0]);
  });

  it('tell their operator of every outage, once each', async () => {
    const messages: string[] = [];
    const bus = await RedisBus.open({
      url: redis.url,
      keepS: 60,
      log: createLog('bus', 'info', { write: (line) => messages.push(JSON.parse(line).message) }),
    });
    for (const outage of [1, 2]) {
      await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await expect.poll(() => messages.length).toBe(1 + 2 * outage);
    }
    await bus.close();
    const outage = ['Redis cannot be reached; trying again', 'connected to Redis'];
    expect(messages).toEqual(['connected to Redis', ...outage, ...outage]);
  });

  it('tell their viewers of an outage, and of its end', async () => {
    const proxy = await startProxy();
    const a = await startNode(proxied(proxy));
    const speaker = new Speaker(newRoom());
    const viewer = await a.join(speaker.room);
    await speaker.connect(a);
    await speaker.say(a, 'one');
    await viewer.until(({ state }) => state === 'live');
    proxy.set({ mode: 'paused' });
    await viewer.until(({ state }) => state === 'interrupted');
    const late = await a.join(speaker.room);
    expect([late.text, late.state]).toEqual(['one', 'interrupted']);
    proxy.cut();
    proxy.set({ mode: 'open' });
    await viewer.until(({ state }) => state === 'live');
    await late.until(({ state }) => state === 'live');
  }, 15_000);

  it('give back to a Redis that lost everything what they hold, with the gap marked', async () => {
    const own = await RedisServer.start();
    const [a, b] = [await startNode(own.url), await startNode(own.url)];
    const speaker = new Speaker(newRoom());
    const viewers = [await a.join(speaker.room), await b.join(speaker.room)];
    await speaker.connect(a);
    for (const word of ['one', 'two']) await speaker.say(a, word);
    await allCaughtUp(viewers, 'one two');
    const before = viewers[0]?.position.epoch;
    await own.kill();
    await own.start();
    await Promise.all(viewers.map((viewer) => viewer.until(({ gaps }) => gaps === 1)));
    await Promise.all(viewers.map((viewer) => viewer.until(({ position }) => position.epoch !== before)));
    expect(viewers[0]?.position).toEqual(viewers[1]?.position);
    // The bus no longer knows what it had of the session, so that the agent sends all that it still has.
    expect(await speaker.connect(b)).toBe(0);
    const late = await (await startNode(own.url)).join(speaker.room);
    expect([late.text, late.gaps]).toEqual(['one two', 1]);
    await own.close();
  }, 15_000);

  it('notice a failover that lost writes, and mark the gap', async () => {
    const [primary, replica] = [await RedisServer.start(), await RedisServer.start()];
    let port = primary.port;
    const proxy = await startProxy(() => port);
    const [a, b] = [await startNode(proxied(proxy)), await startNode(proxied(proxy))];
    const speaker = new Speaker(newRoom());
    const viewers = [await a.join(speaker.room), await b.join(speaker.room)];
    await speaker.connect(a);
    await speaker.say(a, 'kept');
    await replica.command('REPLICAOF', '127.0.0.1', String(primary.port));
    const isCopied = () => replica.command('EXISTS', key(speaker.room, 'log'));
    await expect.poll(isCopied, { timeout: 10_000 }).toBe(1);
    await replica.command('REPLICAOF', 'NO', 'ONE');
    await speaker.say(a, 'lost');
    await allCaughtUp(viewers, 'kept lost');
    port = replica.port;
    await primary.close();
    proxy.cut();
    // As an agent does: until the gateway can say what there is.
    await expect.poll(() => speaker.connect(b).catch(() => null), { timeout: 10_000 }).toBe(1);
    await Promise.all(viewers.map((viewer) => viewer.until(({ gaps }) => gaps === 1)));
    const late = await (await startNode(replica.url)).join(speaker.room);
    expect([late.text, late.gaps]).toEqual(['kept lost', 1]);
    await replica.close();
  }, 20_000);

  it('notice a log that went on differently after a failover, though its numbers fit', async () => {
    const proxy = await startProxy();
    const [a, b] = [await startNode(proxied(proxy)), await startNode()];
    const speaker = new Speaker(newRoom());
    const viewer = await a.join(speaker.room);
    await b.join(speaker.room);
    await speaker.connect(b);
    await speaker.say(b, 'one');
    await viewer.until(({ text }) => text === 'one');
    proxy.set({ mode: 'paused' });
    // The last entry is another than the one that `a` has: as after lost writes and as many new ones.
    await redis.command('HSET', key(speaker.room, 'meta'), 't', '1');
    proxy.cut();
    proxy.set({ mode: 'open' });
    await viewer.until(({ gaps }) => gaps === 1);
    expect(viewer.text).toBe('one');
  }, 15_000);

  it('survive the eviction of any part of a room', async () => {
    for (const [part, gaps] of [
      ['meta', 1],
      ['copy', 0],
      ['log', 0],
    ] as const) {
      const [a, b] = [await startNode(), await startNode()];
      const speaker = new Speaker(newRoom());
      const viewer = await a.join(speaker.room);
      await speaker.connect(a);
      for (const word of ['one', 'two']) await speaker.say(a, word);
      await viewer.until(({ text }) => text === 'one two');
      await redis.command('DEL', key(speaker.room, part));
      await speaker.say(a, 'three');
      await viewer.until(({ text }) => text === 'one two three');
      await viewer.until((all) => all.gaps === gaps);
      await b.join(speaker.room);
      expect(viewer.gaps).toBe(gaps);
    }
  });

  it('catch up after one of them stood still and Redis cut its subscription', async () => {
    const own = await RedisServer.start('--client-output-buffer-limit', 'pubsub 256kb 64kb 1');
    const proxy = await startProxy(() => own.port);
    const [a, b] = [await startNode(own.url), await startNode(proxied(proxy))];
    const speaker = new Speaker(newRoom());
    const [watched, stalled] = [await a.join(speaker.room), await b.join(speaker.room)];
    await speaker.connect(a);
    await speaker.say(a, 'start');
    await stalled.until(({ text }) => text === 'start');
    proxy.set({ mode: 'paused' });
    const long = 'x'.repeat(20_000);
    for (let word = 0; word < 40; word += 1) await speaker.say(a, `${long}${word}`);
    await watched.until(({ text }) => text === speaker.text);
    proxy.set({ mode: 'open' });
    await stalled.until(({ text }) => text === speaker.text);
    expect(stalled.gaps).toBe(0);
    await own.close();
  }, 20_000);

  it('go on after bytes on the channel that no gateway wrote', async () => {
    const a = await startNode();
    const speaker = new Speaker(newRoom());
    const viewer = await a.join(speaker.room);
    await speaker.connect(a);
    for (const nonsense of ['', 'x', 'x'.repeat(21), `${String.fromCharCode(0).repeat(21)}\u0000\u0000`]) {
      await redis.command('SPUBLISH', key(speaker.room, 'channel'), nonsense);
    }
    await speaker.say(a, 'still');
    await viewer.until(({ text }) => text === 'still');
  });
});
