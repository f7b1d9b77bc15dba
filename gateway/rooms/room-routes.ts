/** Create, join and leave rooms. Stateless: any gateway with the same secret answers for any room. */
import { Type } from 'typebox';
import {
  CaptionsAccess,
  CreateRoomRequest,
  CreateRoomResponse,
  DeploymentInfo,
  JoinRoomRequest,
  JoinRoomResponse,
  Problem,
  RoomInfo,
  RoomParams,
  WaitingResponse,
} from '../../protocol/room-api.ts';
import type { GatewayConfig } from '../config.ts';
import type { HttpServer } from '../http/http-server.ts';
import { livekitFailed, ProblemError, tooManyRooms } from '../http/problem-document.ts';
import type { AccessTokens, CaptionsGrant } from './access-tokens.ts';
import { type LivekitRooms, TooManyRooms } from './livekit-rooms.ts';
import { readableName } from './readable-name.ts';
import type { Recordings } from './recordings.ts';
import type { RoomDoor } from './room-door.ts';
import { type RoomIds, type RoomSettings, randomBase32 } from './room-id.ts';
import { readRoomMetadata, writeRoomMetadata } from './room-metadata.ts';
import type { WaitingRooms } from './waiting-room.ts';

export interface RoomRoutesOptions {
  readonly config: GatewayConfig;
  readonly ids: RoomIds;
  readonly door: RoomDoor;
  readonly tokens: AccessTokens;
  readonly livekit: LivekitRooms;
  readonly waitingRooms: WaitingRooms;
  readonly recordings: Recordings;
  readonly captionsUrl: string;
  /** A person is about to enter. */
  readonly onJoin: (room: string, settings: RoomSettings) => void;
}

const IDENTITY_LENGTH = 16;

export function addRoomRoutes(http: HttpServer, options: RoomRoutesOptions): void {
  const { config, ids, door, tokens, livekit, captionsUrl } = options;

  http.get(
    '/api/deployment',
    { schema: { summary: 'What this deployment offers', response: { 200: DeploymentInfo } } },
    () => ({
      demoAvailable: config.demoAgentName !== '',
      languages: ['auto' as const, 'fr' as const, 'en' as const],
      recordingAvailable: options.recordings.isAvailable,
      captionRetentionS: config.historyS,
    }),
  );

  http.post(
    '/api/rooms',
    {
      config: { rateLimit: { max: Math.ceil(config.requestsPerMinute / 10) } },
      preValidation: async (request) => {
        request.body ??= {};
      },
      schema: {
        summary: 'Create a room',
        body: CreateRoomRequest,
        response: { 201: CreateRoomResponse, 422: Problem },
      },
    },
    async (request, reply) => {
      const { language = config.language, captions = config.captionMode, access = 'open' } = request.body;
      const roomId = ids.create({ language, captions, access });
      return reply.code(201).send({ roomId, hostKey: ids.hostKey(roomId) });
    },
  );

  http.get(
    '/api/rooms/:roomId',
    {
      schema: {
        summary: 'Whether a room exists, before anyone gets ready to join it',
        params: RoomParams,
        response: { 200: RoomInfo, 404: Problem },
      },
    },
    (request) => ({ roomId: request.params.roomId, language: door.settings(request.params.roomId).language }),
  );

  http.post(
    '/api/rooms/:roomId/join',
    {
      config: { rateLimit: { max: config.joinsPerMinute } },
      schema: {
        summary: 'Join a room',
        params: RoomParams,
        body: JoinRoomRequest,
        response: {
          200: JoinRoomResponse,
          202: WaitingResponse,
          403: Problem,
          404: Problem,
          422: Problem,
          423: Problem,
        },
      },
    },
    async (request, reply) => {
      const { roomId } = request.params;
      const { hostKey, admission } = request.body;
      const settings = door.settings(roomId);
      const name = readableName(request.body.name);
      if (hostKey !== undefined && !ids.isHostKey(roomId, hostKey)) {
        throw new ProblemError(403, 'This is not the host key of the room.', '/hostKey');
      }
      const role = hostKey === undefined ? ('guest' as const) : ('host' as const);
      const admitted = admission === undefined ? undefined : admittedTo(roomId, admission);
      const person = admitted ?? { identity: `p-${randomBase32(IDENTITY_LENGTH)}`, name };
      try {
        const metadata = await livekit.open(roomId, writeRoomMetadata(settings), config.maxRooms);
        const access = readRoomMetadata(metadata).access ?? settings.access;
        if (role === 'guest' && !admitted && access === 'locked') {
          throw new ProblemError(423, 'The host has locked this room. Ask the host to let you in.');
        }
        if (role === 'guest' && !admitted && access === 'waiting-room') {
          const livekitToken = await options.waitingRooms.enter(roomId, person);
          return reply
            .code(202)
            .send({ waiting: true, roomId, livekitUrl: config.livekitPublicUrl, livekitToken });
        }
      } catch (error) {
        if (error instanceof ProblemError) throw error;
        if (error instanceof TooManyRooms) throw tooManyRooms();
        request.log.error({ err: error }, 'LiveKit did not open the room');
        throw livekitFailed();
      }
      options.onJoin(roomId, settings);
      return reply.code(200).send({
        roomId,
        ...person,
        role,
        livekitUrl: config.livekitPublicUrl,
        livekitToken: await tokens.signLiveKit({ room: roomId, ...person, role }),
        ...captionsAccess({ room: roomId, identity: person.identity }),
      });
    },
  );

  http.post(
    '/api/rooms/:roomId/token',
    {
      schema: {
        summary: 'Fresh access to the captions for a participant whose token is about to expire',
        security: [{ captionsToken: [] }],
        params: RoomParams,
        response: { 200: CaptionsAccess, 401: Problem, 403: Problem, 404: Problem },
      },
    },
    async (request) => {
      const grant = door.participant(request.params.roomId, request.headers.authorization);
      const isIn = await livekit.isIn(grant.room, grant.identity).catch(() => {
        throw livekitFailed();
      });
      if (!isIn)
        throw new ProblemError(403, 'Whoever is no longer in the room reads its captions no longer.');
      return captionsAccess(grant);
    },
  );

  http.post(
    '/api/rooms/:roomId/leave',
    {
      schema: {
        summary: 'Leave the room',
        security: [{ captionsToken: [] }],
        params: RoomParams,
        response: { 204: Type.Null(), 401: Problem, 404: Problem },
      },
    },
    async (request, reply) => {
      const { room, identity } = door.participant(request.params.roomId, request.headers.authorization);
      await livekit.remove(room, identity).catch(() => {
        throw livekitFailed();
      });
      return reply.code(204).send(null);
    },
  );

  function admittedTo(roomId: string, admission: string): { identity: string; name: string } {
    const checked = tokens.checkAdmission(admission);
    if ('fault' in checked || checked.grant.room !== roomId) {
      throw new ProblemError(403, 'This admission is not for this room, or has expired.', '/admission');
    }
    return { identity: checked.grant.identity, name: checked.grant.name };
  }

  function captionsAccess(grant: CaptionsGrant): CaptionsAccess {
    const { token, expiresMs } = tokens.signCaptions(grant);
    return { captionsUrl, captionsToken: token, captionsTokenExpiresMs: expiresMs };
  }
}
