/**
 * All rooms' captions in this process, between the agents' sockets, the viewers' and the bus. Everything that
 * happens to a room goes to the bus and comes back from it, on this node as on the others; here is decided what
 * is said and who is told. Knows neither sockets nor LiveKit.
 */
import type { CaptionEvent, CaptionState, UtteranceRestored } from '../../protocol/caption-event.ts';
import type { UplinkFrame } from '../../protocol/uplink-message.ts';
import type { ViewerJoin } from '../../protocol/viewer-message.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { CaptionBus } from '../bus/caption-bus.ts';
import type { RoomInput } from '../bus/room-input.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { UtteranceTraces } from '../tracing/utterance-traces.ts';
import { AgentSession } from './agent-session.ts';
import { CaptionRoom } from './caption-room.ts';
import type { ServingAgent } from './room-agent.ts';
import type { Publish } from './room-captions.ts';
import { RoomOutbox } from './room-outbox.ts';
import type { LogLimits } from './utterance-log.ts';

const TICK_MS = 1_000;
/** A room with which nobody has anything to do is remembered so long. */
const IDLE_KEPT_MS = 600_000;
/** What a node says of its viewers and agents holds for three of these. */
const ATTEND_EVERY_MS = 4_000;
/** A captioner's hold is said again so often, and holds for three times that. */
const HOLD_EVERY_MS = 20_000;
/** A bus that is found again within this was never away, as far as viewers are concerned. */
const BUS_GRACE_MS = 1_000;

/** What the hub tells whoever fetches agents. */
export interface AgentWatch {
  /** This room has an agent that is heard from. */
  onServed(room: string): void;
  /** The agent of this room is gone without a word. */
  onLost(room: string): void;
  /** The agent of this room left on purpose. */
  onLeft(room: string): void;
  onAgentConnected(): void;
}

export interface CaptionHubOptions {
  readonly bus: CaptionBus;
  readonly limits: LogLimits;
  readonly publish: Publish;
  readonly viewersOf: (room: string) => number;
  readonly metrics: GatewayMetrics;
  readonly traces?: UtteranceTraces | undefined;
  readonly log: Logger;
  /** How long a room's steps may wait to be told in one frame; not at all without it. */
  readonly mergeMs?: () => number;
  /** Other nodes' viewers of the room came or went. */
  readonly onViewersElsewhere?: (room: string) => void;
  /** Agents must come back with what the bus did not take, or has lost. */
  readonly onBusLost?: () => void;
  /** The room is off the record from now on, or no longer, as this or another node was told. */
  readonly onOffRecord?: (room: string, isOff: boolean) => void;
  /** The host has erased what was said, here or at another node. */
  readonly onWiped?: (room: string) => void;
  /** The meeting is over, as this or another node was told. */
  readonly onErased?: (room: string) => void;
}

/** Takes the packed welcome; called at once when the room's past is here, otherwise as soon as it is. */
type Answer = (welcome: Uint8Array) => void;
type Position = Pick<ViewerJoin, 'epoch' | 'seq'>;

interface Room {
  readonly copy: CaptionRoom;
  readonly outbox: RoomOutbox;
  /** Captioners at this node, whom they hold back, and when that is to be said again. */
  readonly holders: Map<string, { readonly identity: string | null; sayAtMs: number }>;
  waiting: { readonly position: Position; readonly answer: Answer }[];
  viewersElsewhere: number;
  attendAtMs: number;
  isAttended: boolean;
  /** Attended in vain so often: no node has the agent that serves the room. */
  deserted: number;
  /** Gateway time since when nobody has anything to do with the room. */
  idleSinceMs: number | null;
}

const atOnce = () => 0;

export class CaptionHub {
  readonly #options: CaptionHubOptions;
  readonly #rooms = new Map<string, Room>();
  /** Connected to this node, by session. */
  readonly #sessions = new Map<string, AgentSession>();
  readonly #ticker: NodeJS.Timeout;
  #busGrace: NodeJS.Timeout | undefined;
  #watch: AgentWatch | null = null;
  #forgetting: string | null = null;

  constructor(options: CaptionHubOptions) {
    this.#options = options;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    options.bus.watch({ onLost: () => this.#handleBusLost(), onFound: () => clearTimeout(this.#busGrace) });
  }

  watchAgents(watch: AgentWatch): void {
    this.#watch = watch;
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  *roomsWithCaptions(): Iterable<string> {
    for (const [name, { copy }] of this.#rooms) if (!copy.captions.isEmpty) yield name;
  }

  get connectedAgents(): number {
    return this.#sessions.size;
  }

  // --- viewers ---

  /**
   * Answers with a packed welcome with all that a viewer at this position lacks. It must get every later message
   * of the room from that call on.
   */
  join(name: string, position: Position, answer: Answer): void {
    const room = this.#roomOf(name);
    if (room.copy.isCaughtUp) this.#answer(room, position, answer);
    else room.waiting.push({ position, answer });
    if (!room.isAttended) room.attendAtMs = 0;
  }

  viewersElsewhere(room: string): number {
    return this.#rooms.get(room)?.viewersElsewhere ?? 0;
  }

  #answer({ copy }: Room, position: Position, answer: Answer): void {
    const { welcome, recovered } = copy.catchUp(position);
    const result = position.epoch === 0 ? 'new' : recovered ? 'recovered' : 'incomplete';
    this.#options.metrics.recoveries.inc({ result });
    answer(welcome);
  }

  // --- agents ---

  /** Resolves with what the bus has of this session's rooms; rejects when that cannot be known now. */
  async openSession(
    id: string,
    agentId: string,
    rooms: readonly string[],
  ): Promise<{ session: AgentSession; held: Map<string, number> }> {
    const held = await this.#options.bus.held(id, rooms);
    const session = new AgentSession(id, agentId);
    // Before the older connection of the session ends, so that its end interrupts nothing.
    const older = this.#sessions.get(id)?.rooms ?? [];
    this.#sessions.set(id, session);
    for (const name of new Set([...held.keys(), ...older])) this.#claim(session, name, this.#roomOf(name));
    this.#watch?.onAgentConnected();
    return { session, held };
  }

  /** Resolves once the frame is in the room's log and may be acknowledged; rejects when it must come again. */
  async takeFrame(session: AgentSession, frame: UplinkFrame, receivedMs: number): Promise<void> {
    const { number, times, events, room } = frame;
    const { isOffRecord } = this.#roomOf(room).copy;
    session.rooms.add(room);
    const { session: id, connection } = session;
    const taken = await this.#options.bus.append(room, {
      type: 'frame',
      session: id,
      connection,
      number,
      isHole: false,
      times,
      receivedMs,
      // Its number is noted, so that the agent does not bring it again when the room is on the record.
      events: isOffRecord ? [] : events,
    });
    this.#options.metrics.frames.inc({ result: isOffRecord ? 'off-record' : taken });
  }

  leaveRoom(session: AgentSession, name: string): void {
    session.rooms.delete(name);
    if (this.#rooms.has(name)) this.#say(name, { type: 'left', session: session.session });
  }

  /** The connection of this agent is gone; whether the agent is too, nobody knows yet. */
  loseSession(lost: AgentSession): void {
    const { session, connection } = lost;
    if (this.#sessions.get(session) === lost) this.#sessions.delete(session);
    for (const name of lost.rooms) {
      const serving = this.#rooms.get(name)?.copy.serving;
      if (serving?.connection === connection) {
        this.#say(name, { type: 'lost', session, connection, atMs: nowMs() });
      }
    }
  }

  /** This room is served by an agent that is connected here, which the others may have given up. */
  #claim(session: AgentSession, name: string, { copy }: Room): void {
    session.rooms.add(name);
    const { serving } = copy;
    if (serving?.session !== session.session) return;
    if (serving.isConnected && serving.connection === session.connection) return;
    this.#say(name, { type: 'back', session: session.session, connection: session.connection });
  }

  // --- people who caption ---

  /** The machine's captions of this speaker, or of everybody, are kept back from now on. */
  holdMachine(name: string, captioner: string, identity: string | null): void {
    this.#sayHeld(this.#roomOf(name), captioner, identity);
  }

  /** They come again, unless another captioner holds them. */
  releaseMachine(name: string, captioner: string): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    room.holders.delete(captioner);
    room.outbox.push({ type: 'released', captioner, atMs: nowMs() });
  }

  /** What a person wrote, to be told and kept like an agent's frame; while Redis is away, later. */
  takeHuman(name: string, events: readonly CaptionEvent[]): void {
    const { copy, outbox } = this.#roomOf(name);
    if (!copy.isOffRecord) outbox.push({ type: 'told', events });
  }

  utterance(name: string, id: number): UtteranceRestored | undefined {
    return this.#rooms.get(name)?.copy.captions.utterance(id);
  }

  #sayHeld({ holders, outbox }: Room, captioner: string, identity: string | null): void {
    const now = nowMs();
    holders.set(captioner, { identity, sayAtMs: now + HOLD_EVERY_MS });
    outbox.push({ type: 'held', captioner, identity, atMs: now, untilMs: now + 3 * HOLD_EVERY_MS });
  }

  // --- rooms ---

  isServed(room: string): boolean {
    return this.#rooms.get(room)?.copy.serving?.isConnected === true;
  }

  /** Whether this node is the one to fetch agents for the room. */
  async leads(room: string): Promise<boolean> {
    this.#roomOf(room);
    return this.#options.bus.lead(room).catch(() => false);
  }

  setState(name: string, state: CaptionState): void {
    const { captions, isOffRecord } = this.#roomOf(name).copy;
    // Off the record, it is remembered for when the host takes that back.
    if (captions.state === state && !isOffRecord) return;
    this.#say(name, { type: 'state', state, sinceMs: Math.round(nowMs()) });
  }

  /** Neither agents' frames nor captioners' texts are kept; what was said before stays. */
  setOffRecord(name: string, isOff: boolean): void {
    const known = this.#rooms.get(name);
    if ((known?.copy.isOffRecord ?? false) === isOff) return;
    this.#roomOf(name).outbox.push({ type: 'off-record', isOff, atMs: nowMs() });
  }

  /** The host wants it: what was said is forgotten, on every node and by every viewer. The room goes on. */
  eraseCaptions(name: string): void {
    this.#rooms.get(name)?.outbox.push({ type: 'wiped', atMs: Math.round(nowMs()) });
  }

  /** The meeting is over: nothing of it is kept, on any node. */
  erase(name: string): void {
    this.#forget(name);
    this.#options.bus.erase(name);
  }

  close(): void {
    clearInterval(this.#ticker);
    clearTimeout(this.#busGrace);
    for (const { copy } of this.#rooms.values()) copy.close();
  }

  #roomOf(name: string): Room {
    const known = this.#rooms.get(name);
    if (known) return known;
    const { metrics, traces, limits, publish, log, bus, mergeMs = atOnce } = this.#options;
    const copy = new CaptionRoom({
      room: name,
      limits,
      publish,
      log,
      mergeMs,
      onMerged: (count) => metrics.stepsMerged.inc(count),
      onSuperseded: ({ session }) => {
        if (this.#sessions.has(session)) metrics.frames.inc({ result: 'superseded' });
      },
      onHole: ({ session }) => {
        if (this.#sessions.has(session)) metrics.sequenceGaps.inc({ where: 'uplink' });
      },
      onPublished: (times, { session, events }) => {
        const isOurs = this.#sessions.has(session);
        const exemplar = isOurs ? traces?.handleFrame(name, events, times) : undefined;
        if (times && isOurs) metrics.observeStages(times, exemplar);
        else if (times) metrics.observeFanout(times);
      },
      onOffRecord: (isOff) => this.#options.onOffRecord?.(name, isOff),
      onWiped: () => this.#options.onWiped?.(name),
      onServing: (before, after) => this.#handleServing(name, before, after),
      onCaughtUp: () => this.#handleCaughtUp(name),
      onErased: () => this.#forget(name),
    });
    const outbox = new RoomOutbox({
      append: (input) => bus.append(name, input),
      onDropped: () => metrics.sequenceGaps.inc({ where: 'outbox' }),
    });
    const room: Room = {
      copy,
      outbox,
      holders: new Map(),
      waiting: [],
      viewersElsewhere: 0,
      attendAtMs: 0,
      isAttended: false,
      deserted: 0,
      idleSinceMs: null,
    };
    this.#rooms.set(name, room);
    bus.follow(name, copy);
    return room;
  }

  #forget(name: string): void {
    const room = this.#rooms.get(name);
    if (!room || this.#forgetting === name) return;
    // Whoever hears of it has last words, which must not begin the room again.
    this.#forgetting = name;
    this.#options.onErased?.(name);
    this.#forgetting = null;
    this.#rooms.delete(name);
    for (const session of this.#sessions.values()) session.rooms.delete(name);
  }

  #handleServing(name: string, before: ServingAgent | null, after: ServingAgent | null): void {
    const wasConnected = before?.isConnected === true;
    if (after?.isConnected) {
      if (!wasConnected || before.session !== after.session) this.#watch?.onServed(name);
    } else if (after && wasConnected) this.#watch?.onLost(name);
    else if (!after && before) this.#watch?.onLeft(name);
  }

  #handleCaughtUp(name: string): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    const { waiting } = room;
    room.waiting = [];
    void room.outbox.send();
    for (const { position, answer } of waiting) this.#answer(room, position, answer);
    this.#claimAll(name, room);
    room.attendAtMs = 0;
  }

  #claimAll(name: string, room: Room): void {
    for (const session of this.#sessions.values()) {
      if (session.rooms.has(name)) this.#claim(session, name, room);
    }
  }

  /** What need not be repeated: if the bus is lost, what is true is found out again when it is back. */
  #say(room: string, input: RoomInput): void {
    this.#options.bus.append(room, input).catch((error: unknown) => {
      this.#options.log.debug({ err: error, room, input: input.type }, 'not said on the bus');
    });
  }

  #handleBusLost(): void {
    this.#options.onBusLost?.();
    clearTimeout(this.#busGrace);
    this.#busGrace = setTimeout(() => {
      for (const { copy } of this.#rooms.values()) if (copy.isCaughtUp) copy.captions.interrupt();
    }, BUS_GRACE_MS);
  }

  // --- time ---

  #tick(): void {
    const { bus, viewersOf } = this.#options;
    const now = nowMs();
    for (const [name, room] of this.#rooms) {
      const viewers = viewersOf(name);
      const serving = this.#servingHere(name, room);
      room.copy.captions.tick(viewers > 0);
      this.#tickHolds(room, now);
      void room.outbox.send();
      const isUsed = viewers > 0 || serving !== null || room.holders.size > 0 || !room.outbox.isEmpty;
      // Alone, this node is the only one to hold what was said.
      const isKeeper = !bus.isShared && (!room.copy.captions.isEmpty || this.isServed(name));
      const isIdle = !isUsed && !isKeeper;
      room.idleSinceMs = isIdle ? (room.idleSinceMs ?? now) : null;
      if (room.idleSinceMs !== null && now - room.idleSinceMs > IDLE_KEPT_MS) this.#leave(name);
      else if (bus.isShared && bus.isReachable && now >= room.attendAtMs && (!isIdle || room.isAttended)) {
        void this.#attend(name, room, viewers, serving);
      }
    }
  }

  /** A captioner whose gateway died with it must not keep the machine back for ever. */
  #tickHolds(room: Room, now: number): void {
    for (const [captioner, { identity, sayAtMs }] of room.holders) {
      if (now >= sayAtMs) this.#sayHeld(room, captioner, identity);
    }
    for (const captioner of room.copy.expiredCaptioners(now)) {
      room.outbox.push({ type: 'released', captioner, atMs: now });
    }
  }

  #leave(name: string): void {
    this.#rooms.get(name)?.copy.close();
    this.#options.bus.leave(name);
    this.#rooms.delete(name);
  }

  #servingHere(name: string, { copy }: Room): AgentSession | null {
    const session = this.#sessions.get(copy.serving?.session ?? '');
    return session?.rooms.has(name) ? session : null;
  }

  /** Tells the others what this node has to do with the room, and hears it of them. */
  async #attend(name: string, room: Room, viewers: number, serving: AgentSession | null): Promise<void> {
    room.attendAtMs = nowMs() + ATTEND_EVERY_MS * (0.75 + Math.random() / 2);
    room.isAttended = viewers > 0 || serving !== null;
    try {
      const attended = await this.#options.bus.attend(name, { viewers, serving: serving?.session ?? null });
      if (this.#rooms.get(name) !== room) return;
      if (attended.viewersElsewhere !== room.viewersElsewhere) {
        room.viewersElsewhere = attended.viewersElsewhere;
        this.#options.onViewersElsewhere?.(name);
      }
      this.#claimAll(name, room);
      this.#checkAgent(name, room, attended.isAgentConnected);
    } catch (error) {
      this.#options.log.debug({ err: error, room: name }, 'the bus did not hear of the room');
    }
  }

  /** The node to which the room's agent was connected may have died with it. */
  #checkAgent(name: string, room: Room, isAgentConnected: boolean): void {
    const { serving } = room.copy;
    room.deserted = serving?.isConnected && !isAgentConnected ? room.deserted + 1 : 0;
    if (room.deserted < 2 || !serving) return;
    room.deserted = 0;
    this.#say(name, {
      type: 'lost',
      session: serving.session,
      connection: serving.connection,
      atMs: nowMs(),
    });
  }
}
