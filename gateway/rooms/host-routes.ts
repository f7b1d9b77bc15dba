/** What the host may do in a room: who comes in, who is heard, who goes, and when it is over. */
import { type TSchema, Type } from 'typebox';
import {
  DecideRequest,
  DecideResponse,
  MuteAllRequest,
  MuteRequest,
  ParticipantList,
  ParticipantParams,
  Problem,
  RaiseHandRequest,
  RoomParams,
  SetAccessRequest,
  WaitingList,
} from '../../protocol/room-api.ts';
import type { HttpServer } from '../http/http-server.ts';
import { livekitFailed, ProblemError } from '../http/problem-document.ts';
import type { LivekitRooms } from './livekit-rooms.ts';
import type { RoomDoor } from './room-door.ts';
import type { RoomMetadataWriter } from './room-metadata.ts';
import type { WaitingRooms } from './waiting-room.ts';

export interface HostRoutesOptions {
  readonly door: RoomDoor;
  readonly livekit: LivekitRooms;
  readonly waitingRooms: WaitingRooms;
  readonly roomMetadata: RoomMetadataWriter;
  /** This person may not read the captions any longer. */
  readonly onRemoved: (room: string, identity: string) => void;
}

const security = [{ hostKey: [] }];
const refusals = { 403: Problem, 404: Problem, 422: Problem, 502: Problem };
const empty = { 204: Type.Null(), ...refusals };

function hostSchema<Params extends TSchema>(summary: string, params: Params) {
  return { summary: `${summary} (host only)`, security, params };
}

export function addHostRoutes(http: HttpServer, options: HostRoutesOptions): void {
  const { door, livekit, waitingRooms, roomMetadata } = options;

  http.get(
    '/api/rooms/:roomId/participants',
    {
      schema: {
        ...hostSchema('Who is in the room', RoomParams),
        response: { 200: ParticipantList, ...refusals },
      },
    },
    async ({ params, headers }) => {
      door.host(params.roomId, headers.authorization);
      return { participants: await orProblem(livekit.participants(params.roomId)) };
    },
  );

  http.put(
    '/api/rooms/:roomId/access',
    {
      schema: {
        ...hostSchema('Open the room, put a waiting room before it, or lock it', RoomParams),
        body: SetAccessRequest,
        response: empty,
      },
    },
    async ({ params: { roomId }, headers, body: { access } }, reply) => {
      door.host(roomId, headers.authorization);
      await orProblem(roomMetadata.change(roomId, { access }));
      // Nobody is left waiting before a door that is open.
      if (access === 'open') await orProblem(waitingRooms.decide(roomId, { decision: 'admit' }));
      return reply.code(204).send(null);
    },
  );

  http.get(
    '/api/rooms/:roomId/waiting',
    { schema: { ...hostSchema('Who waits', RoomParams), response: { 200: WaitingList, ...refusals } } },
    async ({ params: { roomId }, headers }) => {
      door.host(roomId, headers.authorization);
      const waiting = await orProblem(waitingRooms.list(roomId));
      return {
        waiting: waiting.map(({ identity, name, joinedAtMs }) => ({ identity, name, sinceMs: joinedAtMs })),
      };
    },
  );

  http.post(
    '/api/rooms/:roomId/waiting',
    {
      schema: {
        ...hostSchema('Let somebody who waits in, or refuse; or everybody', RoomParams),
        body: DecideRequest,
        response: { 200: DecideResponse, ...refusals },
      },
    },
    async ({ params: { roomId }, headers, body }) => {
      door.host(roomId, headers.authorization);
      const decided = await orProblem(waitingRooms.decide(roomId, body));
      if (body.identity !== undefined && decided === 0) throw nobodyThere();
      return { decided };
    },
  );

  http.post(
    '/api/rooms/:roomId/mute',
    {
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        ...hostSchema('Turn all microphones off, but for one', RoomParams),
        body: MuteAllRequest,
        response: empty,
      },
    },
    async ({ params: { roomId }, headers, body }, reply) => {
      door.host(roomId, headers.authorization);
      await orProblem(livekit.muteAll(roomId, body.except));
      return reply.code(204).send(null);
    },
  );

  http.post(
    '/api/rooms/:roomId/participants/:identity/mute',
    {
      schema: {
        ...hostSchema('Turn somebody’s microphone, camera or screen off', ParticipantParams),
        body: MuteRequest,
        response: empty,
      },
    },
    async ({ params: { roomId, identity }, headers, body }, reply) => {
      door.host(roomId, headers.authorization);
      if (!(await orProblem(livekit.mute(roomId, identity, body.source)))) throw nobodyThere();
      return reply.code(204).send(null);
    },
  );

  http.delete(
    '/api/rooms/:roomId/participants/:identity/hand',
    { schema: { ...hostSchema('Lower somebody’s hand', ParticipantParams), response: empty } },
    async ({ params: { roomId, identity }, headers }, reply) => {
      door.host(roomId, headers.authorization);
      if (!(await orProblem(livekit.setAttributes(roomId, identity, { hand: '' })))) throw nobodyThere();
      return reply.code(204).send(null);
    },
  );

  http.delete(
    '/api/rooms/:roomId/participants/:identity',
    { schema: { ...hostSchema('Put somebody out of the room', ParticipantParams), response: empty } },
    async ({ params: { roomId, identity }, headers }, reply) => {
      door.host(roomId, headers.authorization);
      options.onRemoved(roomId, identity);
      await orProblem(livekit.remove(roomId, identity));
      return reply.code(204).send(null);
    },
  );

  http.delete(
    '/api/rooms/:roomId',
    { schema: { ...hostSchema('End the meeting for everyone', RoomParams), response: empty } },
    async ({ params: { roomId }, headers }, reply) => {
      door.host(roomId, headers.authorization);
      await orProblem(Promise.all([livekit.end(roomId), waitingRooms.end(roomId)]));
      return reply.code(204).send(null);
    },
  );

  http.put(
    '/api/rooms/:roomId/hand',
    {
      schema: {
        summary: 'Raise or lower one’s own hand',
        security: [{ captionsToken: [] }],
        params: RoomParams,
        body: RaiseHandRequest,
        response: { ...empty, 401: Problem },
      },
    },
    async ({ params: { roomId }, headers, body }, reply) => {
      const { identity } = door.participant(roomId, headers.authorization);
      // The gateway’s clock, so that the order is the same for all, and nobody can put himself first.
      const hand = body.raised ? String(Date.now()) : '';
      if (!(await orProblem(livekit.setAttributes(roomId, identity, { hand })))) throw nobodyThere();
      return reply.code(204).send(null);
    },
  );
}

const nobodyThere = (): ProblemError => new ProblemError(404, 'This person is not, or no longer, here.');

function orProblem<T>(asked: Promise<T>): Promise<T> {
  return asked.catch(() => {
    throw livekitFailed();
  });
}
