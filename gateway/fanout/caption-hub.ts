/**
 * All rooms' captions in this process, between the agents' sockets and the viewers'. Takes agents' frames once
 * each, keeps what late viewers need, and publishes one packed message per frame. Knows neither sockets nor
 * LiveKit: messages leave through `publish`, so that a bus between several gateways can take that place.
 */
import type { CaptionEvent, CaptionState, UtteranceRestored } from '../../protocol/caption-event.ts';
import type { UplinkFrame } from '../../protocol/uplink-message.ts';
import type { ViewerJoin } from '../../protocol/viewer-message.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { AgentSession } from './agent-session.ts';
import { MachineHold } from './machine-hold.ts';
import { RoomAgent } from './room-agent.ts';
import { type Publish, RoomCaptions } from './room-captions.ts';
import type { LogLimits } from './utterance-log.ts';

const TICK_MS = 1_000;
/** A dead agent's session is remembered so long; one that returns later starts afresh. */
const SESSION_KEPT_MS = 600_000;

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
  readonly limits: LogLimits;
  readonly publish: Publish;
  readonly hasViewers: (room: string) => boolean;
  readonly metrics: GatewayMetrics;
}

interface Room {
  readonly captions: RoomCaptions;
  readonly agent: RoomAgent;
  readonly hold: MachineHold;
  /** What whoever fetches agents last said; viewers see it while no person captions the room. */
  machineState: CaptionState | null;
  /** Gateway time since when nobody has anything to do with the room. */
  idleSinceMs: number | null;
}

export class CaptionHub {
  readonly #options: CaptionHubOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #sessions = new Map<string, AgentSession>();
  /** What is said in these is not taken. */
  readonly #offRecord = new Set<string>();
  readonly #ticker: NodeJS.Timeout;
  #watch: AgentWatch | null = null;

  constructor(options: CaptionHubOptions) {
    this.#options = options;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  watchAgents(watch: AgentWatch): void {
    this.#watch = watch;
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  *roomsWithCaptions(): Iterable<string> {
    for (const [name, { captions }] of this.#rooms) if (!captions.isEmpty) yield name;
  }

  get connectedAgents(): number {
    let connected = 0;
    for (const session of this.#sessions.values()) if (session.connected) connected += 1;
    return connected;
  }

  // --- viewers ---

  /**
   * A packed welcome with all that a viewer at this position lacks. It must get every later message of the room
   * from now on.
   */
  catchUp(room: string, position: Pick<ViewerJoin, 'epoch' | 'seq'>): Uint8Array {
    const { welcome, recovered } = this.#roomOf(room).captions.catchUp(position);
    const result = position.epoch === 0 ? 'new' : recovered ? 'recovered' : 'incomplete';
    this.#options.metrics.recoveries.inc({ result });
    return welcome;
  }

  // --- agents ---

  openSession(id: string, agentId: string): AgentSession {
    const known = this.#sessions.get(id);
    const session = known ?? new AgentSession(id, agentId);
    this.#sessions.set(id, session);
    session.connected = true;
    session.lostAtMs = 0;
    for (const [name, room] of this.#rooms) {
      if (room.agent.serving !== session) continue;
      this.setState(name, 'live');
      this.#watch?.onServed(name);
    }
    this.#watch?.onAgentConnected();
    return session;
  }

  /** Called once the frame was received; it is then held and may be acknowledged. */
  takeFrame(session: AgentSession, frame: UplinkFrame, receivedMs: number): void {
    const { metrics } = this.#options;
    const order = session.take(frame);
    if (order === 'duplicate' || order === 'over') {
      metrics.frames.inc({ result: order });
      return;
    }
    if (this.#offRecord.has(frame.room)) {
      metrics.frames.inc({ result: 'off-record' });
      return;
    }
    const room = this.#roomOf(frame.room);
    const wasServing = room.agent.serving === session;
    const events = room.agent.take(session, frame, order);
    if (!events) {
      metrics.frames.inc({ result: 'superseded' });
      return;
    }
    if (order === 'hole') metrics.sequenceGaps.inc({ where: 'uplink' });
    metrics.frames.inc({ result: 'taken' });
    const times = room.captions.accept(room.hold.filter(events), frame.times, receivedMs);
    if (times) metrics.observeStages(times);
    if (!wasServing) this.#watch?.onServed(frame.room);
  }

  leaveRoom(session: AgentSession, name: string): void {
    session.leave(name);
    const room = this.#rooms.get(name);
    const events = room?.agent.leave(session);
    if (!room || !events) return;
    room.captions.accept(room.hold.filter(events), null, 0);
    this.#watch?.onLeft(name);
  }

  /** The connection of this agent is gone; whether the agent is too, nobody knows yet. */
  loseSession(session: AgentSession): void {
    session.connected = false;
    session.lostAtMs = nowMs();
    for (const [name, room] of this.#rooms) {
      if (room.agent.serving !== session) continue;
      this.setState(name, 'interrupted');
      this.#watch?.onLost(name);
    }
  }

  // --- people who caption ---

  /** The machine's captions of this speaker, or of everybody, are kept back from now on. */
  holdMachine(name: string, captioner: string, identity: string | null): void {
    const room = this.#roomOf(name);
    room.hold.hold(captioner, identity);
    room.captions.accept(
      room.captions.closeOpen((speaker) => room.hold.holds(speaker)),
      null,
      0,
    );
    if (room.hold.holdsRoom) room.captions.setState('live');
  }

  /** They come again, unless another captioner holds them. */
  releaseMachine(name: string, captioner: string): void {
    const room = this.#rooms.get(name);
    if (!room?.hold.release(captioner) || room.hold.holdsRoom || this.isServed(name)) return;
    if (this.#offRecord.has(name)) return;
    if (room.machineState !== null) room.captions.setState(room.machineState);
  }

  /** What a person wrote, to be told and kept like an agent's frame. */
  takeHuman(name: string, events: readonly CaptionEvent[]): void {
    if (this.#offRecord.has(name)) return;
    this.#roomOf(name).captions.accept(events, null, nowMs());
  }

  utterance(name: string, id: number): UtteranceRestored | undefined {
    return this.#rooms.get(name)?.captions.utterance(id);
  }

  // --- rooms ---

  isServed(room: string): boolean {
    return this.#rooms.get(room)?.agent.serving?.connected === true;
  }

  setState(room: string, state: CaptionState): void {
    const shown = this.#roomOf(room);
    // Remembered, for when the host takes it back.
    if (this.#offRecord.has(room)) shown.machineState = state;
    else this.#showState(shown, state);
  }

  /** Neither agents' frames nor captioners' texts are kept; what was said before stays. */
  setOffRecord(name: string, offRecord: boolean): void {
    if (offRecord === this.#offRecord.has(name)) return;
    if (!offRecord) {
      this.#offRecord.delete(name);
      return;
    }
    this.#offRecord.add(name);
    const { captions } = this.#roomOf(name);
    captions.accept(captions.closeOpen(), null, 0);
    captions.setState('off-record');
  }

  /** The host wants it: what was said is forgotten, here and by every viewer. The room goes on. */
  eraseCaptions(room: string): void {
    this.#rooms.get(room)?.captions.erase();
  }

  /** The meeting is over: nothing of it is kept. */
  erase(room: string): void {
    this.#rooms.delete(room);
    this.#offRecord.delete(room);
    for (const session of this.#sessions.values()) session.end(room);
  }

  close(): void {
    clearInterval(this.#ticker);
  }

  #roomOf(name: string): Room {
    const known = this.#rooms.get(name);
    if (known) return known;
    const captions = new RoomCaptions(name, this.#options.limits, this.#options.publish);
    const room: Room = {
      captions,
      agent: new RoomAgent(captions),
      hold: new MachineHold(),
      machineState: null,
      idleSinceMs: null,
    };
    this.#rooms.set(name, room);
    return room;
  }

  /** That the machine does not come is nothing to tell while a person captions. */
  #showState(room: Room, state: CaptionState): void {
    room.machineState = state;
    if (!room.hold.holdsRoom || state === 'off') room.captions.setState(state);
  }

  #tick(): void {
    const now = nowMs();
    for (const [name, room] of this.#rooms) {
      const hasViewers = this.#options.hasViewers(name);
      room.captions.tick(hasViewers);
      const isIdle = !hasViewers && !this.isServed(name) && room.captions.isEmpty;
      room.idleSinceMs = isIdle ? (room.idleSinceMs ?? now) : null;
      if (room.idleSinceMs !== null && now - room.idleSinceMs > SESSION_KEPT_MS) this.erase(name);
    }
    for (const [id, session] of this.#sessions) {
      if (!session.connected && now - session.lostAtMs > SESSION_KEPT_MS) this.#sessions.delete(id);
    }
  }
}
