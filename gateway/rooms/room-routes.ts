/** Create, join and leave rooms. Stateless: any gateway with the same secret answers for any room. */
import { Type } from 'typebox';
import {
  CaptionsAccess,
  CreateRoomRequest,
  CreateRoomResponse,
  DeploymentInfo,
  JoinRoomRequest,
  JoinRoomResponse,
  ParticipantList,
  Problem,
  RoomInfo,
  RoomParams,
} from '../../protocol/room-api.ts';
import type { GatewayConfig } from '../config.ts';
import type { HttpServer } from '../http/http-server.ts';
import { livekitFailed, notTheHost, ProblemError, unknownRoom } from '../http/problem-document.ts';
import { type AccessTokens, bearerToken, type CaptionsGrant } from './access-tokens.ts';
import type { LivekitRooms } from './livekit-rooms.ts';
import { readableName } from './readable-name.ts';
import { type RoomIds, type RoomSettings, randomBase32 } from './room-id.ts';
import { writeRoomMetadata } from './room-metadata.ts';

export interface RoomRoutesOptions {
  readonly config: GatewayConfig;
  readonly ids: RoomIds;
  readonly tokens: AccessTokens;
  readonly livekit: LivekitRooms;
  readonly captionsUrl: string;
  /** A person is about to enter. */
  readonly onJoin: (room: string, settings: RoomSettings) => void;
}

const IDENTITY_LENGTH = 16;

export function addRoomRoutes(http: HttpServer, options: RoomRoutesOptions): void {
  const { config, ids, tokens, livekit, captionsUrl } = options;

  http.get(
    '/api/deployment',
    { schema: { summary: 'What this deployment offers', response: { 200: DeploymentInfo } } },
    () => ({
      demoAvailable: config.demoAgentName !== '',
      languages: ['auto' as const, 'fr' as const, 'en' as const],
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
      const { language = config.language, captions = config.captionMode } = request.body;
      const roomId = ids.create({ language, captions });
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
    (request) => ({ roomId: request.params.roomId, language: settingsOf(request.params.roomId).language }),
  );

  http.post(
    '/api/rooms/:roomId/join',
    {
      schema: {
        summary: 'Join a room',
        params: RoomParams,
        body: JoinRoomRequest,
        response: { 200: JoinRoomResponse, 403: Problem, 404: Problem, 422: Problem },
      },
    },
    async (request) => {
      const { roomId } = request.params;
      const { hostKey } = request.body;
      const settings = settingsOf(roomId);
      const name = readableName(request.body.name);
      if (hostKey !== undefined && !ids.isHostKey(roomId, hostKey)) {
        throw new ProblemError(403, 'This is not the host key of the room.', '/hostKey');
      }
      const role = hostKey === undefined ? 'guest' : 'host';
      const identity = `p-${randomBase32(IDENTITY_LENGTH)}`;
      await livekit.open(roomId, writeRoomMetadata(settings)).catch((error: unknown) => {
        request.log.error({ err: error }, 'LiveKit did not open the room');
        throw livekitFailed();
      });
      options.onJoin(roomId, settings);
      return {
        roomId,
        identity,
        name,
        role: role as 'host' | 'guest',
        livekitUrl: config.livekitPublicUrl,
        livekitToken: await tokens.signLiveKit({ room: roomId, identity, name, role }),
        ...captionsAccess({ room: roomId, identity }),
      };
    },
  );

  http.post(
    '/api/rooms/:roomId/token',
    {
      schema: {
        summary: 'Fresh access to the captions for a participant whose token is about to expire',
        security: [{ captionsToken: [] }],
        params: RoomParams,
        response: { 200: CaptionsAccess, 401: Problem, 404: Problem },
      },
    },
    (request) => captionsAccess(participantOf(request.params.roomId, request.headers.authorization)),
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
      const { room, identity } = participantOf(request.params.roomId, request.headers.authorization);
      await livekit.remove(room, identity).catch(() => {
        throw livekitFailed();
      });
      return reply.code(204).send(null);
    },
  );

  http.get(
    '/api/rooms/:roomId/participants',
    {
      schema: {
        summary: 'Who is in the room (host only)',
        security: [{ hostKey: [] }],
        params: RoomParams,
        response: { 200: ParticipantList, 403: Problem, 404: Problem },
      },
    },
    async (request) => {
      const { roomId } = request.params;
      settingsOf(roomId);
      if (!ids.isHostKey(roomId, bearerToken(request.headers.authorization) ?? '')) throw notTheHost();
      const open = await livekit.list([roomId]).catch(() => {
        throw livekitFailed();
      });
      return { participants: open.length === 0 ? [] : await livekit.participants(roomId) };
    },
  );

  function settingsOf(roomId: string): RoomSettings {
    const settings = ids.read(roomId);
    if (!settings) throw unknownRoom();
    return settings;
  }

  function participantOf(roomId: string, authorization: string | undefined): CaptionsGrant {
    settingsOf(roomId);
    const checked = tokens.checkViewer(bearerToken(authorization));
    if ('fault' in checked) {
      const detail = checked.fault === 'expired' ? 'The captions token has expired; join again.' : NO_TOKEN;
      throw new ProblemError(401, detail);
    }
    if (checked.grant.room !== roomId) throw new ProblemError(403, 'The token is for another room.');
    return checked.grant;
  }

  function captionsAccess(grant: CaptionsGrant): CaptionsAccess {
    const { token, expiresMs } = tokens.signCaptions(grant);
    return { captionsUrl, captionsToken: token, captionsTokenExpiresMs: expiresMs };
  }
}

const NO_TOKEN = 'Send the captions token got on joining as Authorization: Bearer <token>.';
