/**
 * One seeded schedule of faults: a room with a speaker and three viewers on two or three nodes that share a Redis,
 * while links, nodes and the Redis are made to fail. Then everything heals, and every viewer's history is judged.
 * The seed decides what fails, when and for how long; the interleaving is the machine's.
 */

import { RedisBus } from '../../gateway/bus/redis-bus.ts';
import type { CaptionHub } from '../../gateway/fanout/caption-hub.ts';
import type { GatewayMetrics } from '../../gateway/metrics.ts';
import { createLog } from '../../runtime/log.ts';
import { judge } from './history-checker.ts';
import { HubNode, HubViewer } from './hub-node.ts';
import type { RedisServer } from './redis-server.ts';
import { ScriptedAgent } from './scripted-agent.ts';
import { SeededRandom } from './seeded-random.ts';
import { TcpProxy } from './tcp-proxy.ts';

const KINDS = [
  'kill a node',
  'pause a link',
  'cut a link',
  'delay a link',
  'trickle on a link',
  'cut the agent',
  'replace the agent',
  'move a viewer',
  'restart Redis empty',
  'pause Redis',
  'end Redis’s connections',
  'evict from Redis',
] as const;

export type FaultKind = (typeof KINDS)[number];

export interface ScheduleResult {
  readonly seed: number;
  readonly faults: readonly FaultKind[];
  /** Null: every view was sound. */
  readonly fault: string | null;
  /** Viewers that got every word. */
  readonly whole: number;
  readonly viewers: number;
  /** For how long a viewer had words behind a hole that nobody had told it of yet, at most. */
  readonly untoldMs: number;
  /** How long it took to settle once everything had healed. */
  readonly settledMs: number;
}

interface Node {
  readonly node: HubNode;
  readonly proxy: TcpProxy;
  readonly viewers: Set<HubViewer>;
}

const VIEWERS = 3;
const WORDS = 40;
const WORD_EVERY_MS = 15;
const SETTLE_DEADLINE_MS = 30_000;
/** Within so long a hole must be marked or filled. */
const TOLD_WITHIN_MS = 5_000;
const log = createLog('fault-schedule', 'silent');
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface ScheduleOptions {
  readonly seed: number;
  /** Nobody else uses it meanwhile. */
  readonly redis: RedisServer;
  readonly metrics: GatewayMetrics;
}

export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const schedule = new FaultSchedule(options);
  try {
    return await schedule.run();
  } finally {
    await schedule.close();
  }
}

class FaultSchedule {
  readonly #options: ScheduleOptions;
  readonly #random: SeededRandom;
  /** In every third schedule the nodes tell several steps in one frame, as they do under load. */
  readonly #mergeMs: number;
  readonly #room: string;
  readonly #nodes: Node[] = [];
  readonly #viewers: HubViewer[] = [];
  readonly #agents: ScriptedAgent[] = [];
  readonly #holes = new Map<HubViewer, number>();
  #untoldMs = 0;
  #fault: string | null = null;
  #isRestarting = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#mergeMs = options.seed % 3 === 0 ? 100 : 0;
    this.#room = `room-${options.seed}`;
  }

  async run(): Promise<ScheduleResult> {
    const random = this.#random;
    const nodes = random.integer(2, 3);
    for (let count = 0; count < nodes; count += 1) await this.#startNode();
    for (let count = 0; count < VIEWERS; count += 1) {
      const viewer = new HubViewer();
      this.#viewers.push(viewer);
      this.#join(viewer);
    }
    this.#startAgent();
    const plan = Array.from({ length: random.integer(1, 4) }, () => ({
      atWord: random.integer(1, WORDS - 2),
      kind: random.pick(KINDS),
    }));
    const under: Promise<void>[] = [];
    for (let word = 0; word < WORDS; word += 1) {
      for (const { atWord, kind } of plan) if (atWord === word) under.push(this.#inflict(kind));
      this.#agents.at(-1)?.say();
      await wait(WORD_EVERY_MS);
      this.#judgeAll(false);
    }
    await Promise.all(under);
    const healedAt = performance.now();
    await this.#settle(healedAt);
    const whole = this.#judgeAll(true);
    return {
      seed: this.#options.seed,
      faults: plan.map(({ kind }) => kind),
      fault: this.#fault,
      whole,
      viewers: VIEWERS,
      untoldMs: Math.round(this.#untoldMs),
      settledMs: Math.round(performance.now() - healedAt),
    };
  }

  async close(): Promise<void> {
    for (const agent of this.#agents) agent.die();
    for (const { node, proxy } of this.#nodes) {
      await node.close();
      await proxy.close();
    }
  }

  // --- nodes, viewers, agents ---

  async #startNode(): Promise<void> {
    const { redis, metrics } = this.#options;
    const proxy = await TcpProxy.start(() => redis.port);
    const bus = await RedisBus.open({ url: `redis://127.0.0.1:${proxy.port}`, keepS: 60, log });
    const started: Node = { node: new HubNode(bus, metrics, this.#mergeMs), proxy, viewers: new Set() };
    this.#nodes.push(started);
  }

  #findHub(): CaptionHub | null {
    return this.#nodes.length === 0 ? null : this.#random.pick(this.#nodes).node.hub;
  }

  /** To any node; once welcomed it is followed until it is moved. */
  #join(viewer: HubViewer): void {
    const at = this.#random.pick(this.#nodes);
    at.viewers.add(viewer);
    at.node.join(this.#room, viewer).catch((error: unknown) => this.#note(error));
  }

  #startAgent(): void {
    const generation = this.#agents.length;
    this.#agents.push(
      new ScriptedAgent({
        room: this.#room,
        session: `${this.#room}-${generation}`,
        firstUtterance: 1_000 * (generation + 1),
        findHub: () => this.#findHub(),
      }),
    );
  }

  // --- faults ---

  async #inflict(kind: FaultKind): Promise<void> {
    const random = this.#random;
    const { proxy } = random.pick(this.#nodes);
    const lastsMs = random.integer(20, 1_500);
    const { redis } = this.#options;
    switch (kind) {
      case 'kill a node':
        return this.#killNode();
      case 'pause a link':
        proxy.set({ mode: 'paused' });
        break;
      case 'cut a link':
        proxy.cut();
        return;
      case 'delay a link':
        proxy.set({ mode: 'delayed', delayMs: random.integer(5, 200) });
        break;
      case 'trickle on a link':
        proxy.set({ mode: 'trickling', bytes: random.integer(1, 40), everyMs: 2 });
        break;
      case 'cut the agent':
        this.#agents.at(-1)?.cut();
        return;
      case 'replace the agent':
        this.#agents.at(-1)?.die();
        this.#startAgent();
        return;
      case 'move a viewer':
        this.#move(random.pick(this.#viewers));
        return;
      case 'restart Redis empty':
        // Two at once would be one.
        if (this.#isRestarting) return;
        this.#isRestarting = true;
        await redis.kill();
        await wait(lastsMs / 4);
        await redis.start();
        this.#isRestarting = false;
        return;
      case 'pause Redis':
        redis.pause();
        await wait(lastsMs);
        redis.resume();
        return;
      case 'end Redis’s connections':
        await redis
          .command('CLIENT', 'KILL', 'TYPE', random.pick(['normal', 'pubsub']), 'SKIPME', 'yes')
          .catch(() => {});
        return;
      case 'evict from Redis': {
        const part = random.pick(['meta', 'log', 'copy']);
        await redis.command('DEL', `surtitre:{${this.#room}}:${part}`).catch(() => {});
        return;
      }
    }
    await wait(lastsMs);
    proxy.set({ mode: 'open' });
  }

  async #killNode(): Promise<void> {
    if (this.#nodes.length < 2) return;
    const victim = this.#random.pick(this.#nodes);
    this.#nodes.splice(this.#nodes.indexOf(victim), 1);
    victim.node.killed();
    await victim.proxy.close();
    for (const agent of this.#agents) agent.handleNodeGone(victim.node.hub);
    for (const viewer of victim.viewers) this.#join(viewer);
    await this.#startNode();
  }

  #move(viewer: HubViewer): void {
    for (const { node, viewers } of this.#nodes) {
      if (viewers.delete(viewer)) node.part(this.#room, viewer);
    }
    this.#join(viewer);
  }

  // --- judgement ---

  async #settle(since: number): Promise<void> {
    while (performance.now() - since < SETTLE_DEADLINE_MS) {
      const isSaid = this.#agents.at(-1)?.isSettled === true;
      this.#judgeAll(false);
      if (isSaid && this.#viewers.every((viewer) => this.#verdict(viewer, true).fault === null)) return;
      await wait(20);
    }
  }

  #verdict(viewer: HubViewer, isSettled: boolean) {
    const spoken = this.#agents.flatMap((agent) => agent.spoken);
    return judge(spoken, viewer.lines, isSettled);
  }

  /** Returns how many viewers have every word. */
  #judgeAll(isSettled: boolean): number {
    let whole = 0;
    for (const viewer of this.#viewers) {
      const verdict = this.#verdict(viewer, isSettled);
      if (verdict.fault === null) {
        this.#handleSound(viewer);
        if (verdict.isWhole) whole += 1;
      } else if (!verdict.isHole || isSettled) this.#fault ??= verdict.fault;
      else this.#handleHole(viewer, verdict.fault);
      if (viewer.broken) this.#fault ??= viewer.broken;
    }
    return whole;
  }

  #handleHole(viewer: HubViewer, fault: string): void {
    const sinceMs = this.#holes.get(viewer) ?? performance.now();
    this.#holes.set(viewer, sinceMs);
    if (performance.now() - sinceMs > TOLD_WITHIN_MS) this.#fault ??= fault;
  }

  #handleSound(viewer: HubViewer): void {
    const sinceMs = this.#holes.get(viewer);
    if (sinceMs === undefined) return;
    this.#holes.delete(viewer);
    this.#untoldMs = Math.max(this.#untoldMs, performance.now() - sinceMs);
  }

  #note(error: unknown): void {
    this.#fault ??= error instanceof Error ? error.message : 'unknown';
  }
}
