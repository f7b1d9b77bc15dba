/** The gateway's requests to the LiveKit server, in the gateway's own words. */
import type { AgentDispatch } from '@livekit/protocol';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';

/** A person waits for the answer, or a room for its captions. */
const REQUEST_TIMEOUT_S = 5;

/** Tells our dispatches from those of other products for the same agent. */
const DISPATCH_METADATA = '{"dispatchedBy":"surtitre-gateway"}';

export interface LivekitRoomsOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export interface OpenRoom {
  readonly room: string;
  /** People and other participants that keep it open; agents do not. */
  readonly participants: number;
  readonly metadata: string;
}

export interface RoomParticipant {
  readonly identity: string;
  readonly name: string;
  readonly joinedAtMs: number;
}

export class LivekitRooms {
  readonly #rooms: RoomServiceClient;
  readonly #dispatches: AgentDispatchClient;

  constructor({ url, apiKey, apiSecret }: LivekitRoomsOptions) {
    const host = url.replace(/^ws/, 'http');
    const options = { requestTimeout: REQUEST_TIMEOUT_S, failover: false };
    this.#rooms = new RoomServiceClient(host, apiKey, apiSecret, options);
    this.#dispatches = new AgentDispatchClient(host, apiKey, apiSecret, options);
  }

  /** Creates the room if it does not exist; an existing one keeps its metadata. */
  async open(room: string, metadata: string): Promise<void> {
    const [existing] = await this.#rooms.listRooms([room]);
    if (!existing) await this.#rooms.createRoom({ name: room, metadata });
  }

  async list(rooms?: string[]): Promise<OpenRoom[]> {
    const found = await this.#rooms.listRooms(rooms);
    return found.map(({ name, numParticipants, metadata }) => ({
      room: name,
      participants: numParticipants,
      metadata,
    }));
  }

  async setMetadata(room: string, metadata: string): Promise<void> {
    await this.#rooms.updateRoomMetadata(room, metadata);
  }

  /** Whoever is visible to the others: no agents. */
  async participants(room: string): Promise<RoomParticipant[]> {
    const found = await this.#rooms.listParticipants(room);
    return found
      .filter(({ permission }) => permission?.hidden !== true)
      .map(({ identity, name, joinedAt }) => ({ identity, name, joinedAtMs: Number(joinedAt) * 1000 }));
  }

  async isIn(room: string, identity: string): Promise<boolean> {
    const found = await this.#rooms.listParticipants(room).catch(orIfNotFound([]));
    return found.some((participant) => participant.identity === identity);
  }

  /** Nothing happens when it is not there. */
  async remove(room: string, identity: string): Promise<void> {
    await this.#rooms.removeParticipant(room, identity).catch(orIfNotFound(undefined));
  }

  /** Asks an agent of this name into the room, at once. Creates the room if it does not exist. */
  async dispatch(room: string, agentName: string): Promise<void> {
    await this.#dispatches.createDispatch(room, agentName, { metadata: DISPATCH_METADATA });
  }

  /** Ends the dispatches of this agent name that a gateway made; others’ are left alone. */
  async recall(room: string, agentName: string): Promise<void> {
    const ours = await this.#ours(room, agentName);
    await Promise.all(
      ours.map(({ id }) => this.#dispatches.deleteDispatch(id, room).catch(orIfNotFound(undefined))),
    );
  }

  async isDispatched(room: string, agentName: string): Promise<boolean> {
    return (await this.#ours(room, agentName)).length > 0;
  }

  async #ours(room: string, agentName: string): Promise<AgentDispatch[]> {
    const found = await this.#dispatches.listDispatch(room).catch(orIfNotFound([]));
    return found.filter(
      (dispatch) => dispatch.agentName === agentName && dispatch.metadata === DISPATCH_METADATA,
    );
  }
}

/** LiveKit answers a request about what is already gone with `not_found`. */
function orIfNotFound<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as { status?: unknown }).status === 404) return value;
    throw error;
  };
}
