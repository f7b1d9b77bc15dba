/** The gateway's requests to the LiveKit server, in the gateway's own words. */
import {
  type AgentDispatch,
  DataPacket_Kind,
  type ParticipantInfo,
  ParticipantInfo_Kind,
  TrackSource,
} from '@livekit/protocol';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import type { MuteSource } from '../../protocol/room-api.ts';

/** A person waits for the answer, or a room for its captions. */
const REQUEST_TIMEOUT_S = 5;

/** Tells our dispatches from those of other products for the same agent. */
const DISPATCH_METADATA = '{"dispatchedBy":"surtitre-gateway"}';

/** Of what the host does to one participant, told to that participant’s page. */
const HOST_TOPIC = 'surtitre.host';

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
  readonly attributes: Readonly<Record<string, string>>;
}

const SOURCES: Readonly<Record<MuteSource, readonly TrackSource[]>> = {
  microphone: [TrackSource.MICROPHONE],
  camera: [TrackSource.CAMERA],
  'screen-share': [TrackSource.SCREEN_SHARE, TrackSource.SCREEN_SHARE_AUDIO],
};

export class TooManyRooms extends Error {
  override readonly name = 'TooManyRooms';
}

export class LivekitRooms {
  readonly #rooms: RoomServiceClient;
  readonly #dispatches: AgentDispatchClient;
  #openRooms = 0;

  constructor({ url, apiKey, apiSecret }: LivekitRoomsOptions) {
    const host = url.replace(/^ws/, 'http');
    const options = { requestTimeout: REQUEST_TIMEOUT_S, failover: false };
    this.#rooms = new RoomServiceClient(host, apiKey, apiSecret, options);
    this.#dispatches = new AgentDispatchClient(host, apiKey, apiSecret, options);
  }

  /**
   * Creates the room if it does not exist; an existing one keeps its metadata, which is returned. Rejects with
   * {@link TooManyRooms} when `maxRooms` are open, as of the last time that all were listed, and those opened since.
   */
  async open(room: string, metadata: string, maxRooms = Number.POSITIVE_INFINITY): Promise<string> {
    const [existing] = await this.#rooms.listRooms([room]);
    if (existing) return existing.metadata;
    if (this.#openRooms >= maxRooms) throw new TooManyRooms(`${this.#openRooms} rooms are open`);
    this.#openRooms += 1;
    await this.#rooms.createRoom({ name: room, metadata });
    return metadata;
  }

  async list(rooms?: string[]): Promise<OpenRoom[]> {
    const found = await this.#rooms.listRooms(rooms);
    if (rooms === undefined) this.#openRooms = found.length;
    return found.map(({ name, numParticipants, metadata }) => ({
      room: name,
      participants: numParticipants,
      metadata,
    }));
  }

  async setMetadata(room: string, metadata: string): Promise<void> {
    await this.#rooms.updateRoomMetadata(room, metadata);
  }

  /** Whoever is visible to the others: no agents. Nobody is in a room that is not open. */
  async participants(room: string): Promise<RoomParticipant[]> {
    const found = await this.#participants(room);
    return found.filter(({ permission }) => permission?.hidden !== true).map(roomParticipant);
  }

  /** Those whom nobody sees, agents left out. */
  async hiddenPeople(room: string): Promise<RoomParticipant[]> {
    const found = await this.#participants(room);
    return found
      .filter(({ permission, kind }) => permission?.hidden && kind !== ParticipantInfo_Kind.AGENT)
      .map(roomParticipant);
  }

  async isIn(room: string, identity: string): Promise<boolean> {
    const found = await this.#participants(room);
    return found.some((participant) => participant.identity === identity);
  }

  /** Nothing happens when it is not there. */
  async remove(room: string, identity: string): Promise<void> {
    await this.#rooms.removeParticipant(room, identity).catch(orIfNotFound(undefined));
  }

  /** Ends the meeting for everybody in it. */
  async end(room: string): Promise<void> {
    await this.#rooms.deleteRoom(room).catch(orIfNotFound(undefined));
  }

  /** An empty value removes the attribute. False: there is no such participant. */
  async setAttributes(room: string, identity: string, attributes: Record<string, string>): Promise<boolean> {
    return this.#rooms
      .updateParticipant(room, identity, { attributes })
      .then(() => true, orIfNotFound(false));
  }

  /** Silences one participant’s source and tells the page, which cannot know who did it. False: nobody there. */
  async mute(room: string, identity: string, source: MuteSource): Promise<boolean> {
    const participant = (await this.#participants(room)).find((found) => found.identity === identity);
    if (participant) await this.#mute(room, participant, source);
    return participant !== undefined;
  }

  /** All people’s microphones but one’s. */
  async muteAll(room: string, except: string | undefined): Promise<void> {
    const found = await this.#participants(room);
    const others = found.filter(
      ({ identity, kind }) => identity !== except && kind !== ParticipantInfo_Kind.AGENT,
    );
    await Promise.all(others.map((participant) => this.#mute(room, participant, 'microphone')));
  }

  async #mute(room: string, { identity, tracks }: ParticipantInfo, source: MuteSource): Promise<void> {
    const open = tracks.filter((track) => SOURCES[source].includes(track.source) && !track.muted);
    if (open.length === 0) return;
    await Promise.all(
      open.map(({ sid }) =>
        this.#rooms
          .mutePublishedTrack(room, identity, sid, true)
          .then(() => undefined, orIfNotFound(undefined)),
      ),
    );
    const message = new TextEncoder().encode(JSON.stringify({ muted: source }));
    await this.#rooms.sendData(room, message, DataPacket_Kind.RELIABLE, {
      destinationIdentities: [identity],
      topic: HOST_TOPIC,
    });
  }

  #participants(room: string): Promise<ParticipantInfo[]> {
    return this.#rooms.listParticipants(room).catch(orIfNotFound<ParticipantInfo[]>([]));
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

function roomParticipant({ identity, name, joinedAt, attributes }: ParticipantInfo): RoomParticipant {
  return { identity, name, joinedAtMs: Number(joinedAt) * 1000, attributes };
}

/** LiveKit answers a request about what is already gone with `not_found`. */
function orIfNotFound<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as { status?: unknown }).status === 404) return value;
    throw error;
  };
}
