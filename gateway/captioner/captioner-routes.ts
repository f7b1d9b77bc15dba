/** Human captioners over HTTP: invited by the host, then a numbered feed of lines. See docs/protocol.md. */
import { Type } from 'typebox';
import {
  CaptionerInvitation,
  CaptionerJoinResponse,
  FeedRequest,
  FeedResponse,
  InviteCaptionerRequest,
  SetCaptionerRequest,
} from '../../protocol/captioner-api.ts';
import { Problem, RoomParams } from '../../protocol/room-api.ts';
import type { GatewayConfig } from '../config.ts';
import type { HttpServer } from '../http/http-server.ts';
import { livekitFailed, ProblemError } from '../http/problem-document.ts';
import { type AccessTokens, bearerToken, type CaptionerGrant } from '../rooms/access-tokens.ts';
import type { LivekitRooms } from '../rooms/livekit-rooms.ts';
import { readableName } from '../rooms/readable-name.ts';
import type { RoomDoor } from '../rooms/room-door.ts';
import { randomBase32 } from '../rooms/room-id.ts';
import { writeRoomMetadata } from '../rooms/room-metadata.ts';
import type { Captioners } from './captioners.ts';
import { EmptyText, UnknownLine } from './human-lines.ts';

export interface CaptionerRoutesOptions {
  readonly config: GatewayConfig;
  readonly door: RoomDoor;
  readonly tokens: AccessTokens;
  readonly livekit: LivekitRooms;
  readonly captioners: Captioners;
  readonly captionsUrl: string;
  /** Whether the host has switched captions off for everybody. */
  readonly isOff: (room: string) => boolean;
}

const IDENTITY_LENGTH = 16;
const security = [{ captionerToken: [] }];
const NO_TOKEN = 'Send the captioner’s token as Authorization: Bearer <token>. The room’s host gives it out.';

export function addCaptionerRoutes(http: HttpServer, options: CaptionerRoutesOptions): void {
  const { config, door, tokens, livekit, captioners, captionsUrl } = options;

  http.post(
    '/api/rooms/:roomId/captioners',
    {
      schema: {
        summary: 'Invite a human captioner (host only)',
        security: [{ hostKey: [] }],
        params: RoomParams,
        body: InviteCaptionerRequest,
        response: { 201: CaptionerInvitation, 403: Problem, 404: Problem, 422: Problem },
      },
    },
    async (request, reply) => {
      const { roomId } = request.params;
      door.host(roomId, request.headers.authorization);
      const { name, speaker } = request.body;
      const { token, expiresMs } = tokens.signCaptioner({
        room: roomId,
        captioner: `captioner-${randomBase32(IDENTITY_LENGTH)}`,
        name: readableName(name),
        speaker: speaker
          ? { identity: speaker.identity, name: readableName(speaker.name, '/speaker/name') }
          : null,
      });
      return reply.code(201).send({
        captionerToken: token,
        captionerTokenExpiresMs: expiresMs,
        feedPath: `/api/rooms/${roomId}/captions`,
        // After the #: browsers do not send it, so that it is in no log.
        pagePath: `/captioner/${roomId}#${token}`,
      });
    },
  );

  http.post(
    '/api/rooms/:roomId/captions',
    {
      schema: {
        summary: 'Write a caption, or correct one (captioner only)',
        security,
        params: RoomParams,
        body: FeedRequest,
        response: { 200: FeedResponse, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem },
      },
    },
    (request) => {
      const grant = captionerOf(request.params.roomId, request.headers.authorization);
      const { speaker, ...post } = request.body;
      const text = readableText(post.text);
      refuseIfOff(grant.room);
      try {
        return captioners.take(grant, {
          ...post,
          text,
          ...(speaker === undefined ? {} : { speaker: readableName(speaker, '/speaker') }),
        });
      } catch (error) {
        if (error instanceof EmptyText) {
          throw new ProblemError(422, 'The text must have at least one visible character.', '/text');
        }
        if (!(error instanceof UnknownLine)) throw error;
        throw new ProblemError(422, 'This line is not held any more, or was never sent.', '/corrects');
      }
    },
  );

  http.put(
    '/api/rooms/:roomId/captioner',
    {
      schema: {
        summary: 'Say that the captioner is at work, or has stopped (captioner only)',
        security,
        params: RoomParams,
        body: SetCaptionerRequest,
        response: { 204: Type.Null(), 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem },
      },
    },
    async (request, reply) => {
      const grant = captionerOf(request.params.roomId, request.headers.authorization);
      if (request.body.writing) refuseIfOff(grant.room);
      captioners.setWriting(grant, request.body.writing);
      return reply.code(204).send(null);
    },
  );

  http.post(
    '/api/rooms/:roomId/captioner/join',
    {
      schema: {
        summary: 'Listen to the room and read its captions (captioner only)',
        security,
        params: RoomParams,
        response: { 200: CaptionerJoinResponse, 401: Problem, 403: Problem, 404: Problem },
      },
    },
    async (request) => {
      const { roomId } = request.params;
      const grant = captionerOf(roomId, request.headers.authorization);
      await livekit.open(roomId, writeRoomMetadata(door.settings(roomId))).catch(() => {
        throw livekitFailed();
      });
      const participant = { room: roomId, identity: grant.captioner, name: grant.name };
      const { token, expiresMs } = tokens.signCaptions(participant);
      return {
        name: grant.name,
        speakerName: grant.speaker?.name ?? null,
        livekitUrl: config.livekitPublicUrl,
        livekitToken: await tokens.signLiveKit({ ...participant, role: 'captioner' }),
        nextSequence: captioners.nextSequence(grant),
        captionsUrl,
        captionsToken: token,
        captionsTokenExpiresMs: expiresMs,
      };
    },
  );

  function captionerOf(roomId: string, authorization: string | undefined): CaptionerGrant {
    door.settings(roomId);
    const checked = tokens.checkCaptioner(bearerToken(authorization));
    if ('fault' in checked) {
      if (checked.fault === 'audience') throw new ProblemError(403, 'This token is not a captioner’s.');
      throw new ProblemError(401, checked.fault === 'expired' ? 'The invitation has expired.' : NO_TOKEN);
    }
    if (checked.grant.room !== roomId) throw new ProblemError(403, 'The invitation is for another room.');
    return checked.grant;
  }

  function refuseIfOff(room: string): void {
    if (options.isOff(room))
      throw new ProblemError(409, 'The host has switched captions off, or takes the room off the record.');
  }
}

/** On one line, without what cannot be seen; a leading space, which begins a word, stays. */
function readableText(typed: string): string {
  return typed
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, '');
}
