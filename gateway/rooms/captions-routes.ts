/** Steering what captions a room: its mode, off the record, erasing, and the demo speakers. */
import { Type } from 'typebox';
import {
  type CaptionMode,
  Problem,
  RoomParams,
  SetCaptionsRequest,
  SetOffRecordRequest,
} from '../../protocol/room-api.ts';
import type { GatewayConfig } from '../config.ts';
import type { HttpServer } from '../http/http-server.ts';
import { livekitFailed, ProblemError } from '../http/problem-document.ts';
import type { LivekitRooms } from './livekit-rooms.ts';
import type { RoomDoor } from './room-door.ts';
import { type RoomMetadataWriter, writeRoomMetadata } from './room-metadata.ts';

export interface CaptionsRoutesOptions {
  readonly config: GatewayConfig;
  readonly door: RoomDoor;
  readonly livekit: LivekitRooms;
  readonly roomMetadata: RoomMetadataWriter;
  readonly onMode: (room: string, mode: CaptionMode) => void;
  readonly onOffRecord: (room: string, offRecord: boolean) => void;
  readonly onErase: (room: string) => void;
}

export function addCaptionsRoutes(http: HttpServer, options: CaptionsRoutesOptions): void {
  const { config, door, livekit, roomMetadata } = options;

  http.put(
    '/api/rooms/:roomId/captions',
    {
      schema: {
        summary: 'Switch captions: on demand, always, or off (host only)',
        security: [{ hostKey: [] }],
        params: RoomParams,
        body: SetCaptionsRequest,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 422: Problem },
      },
    },
    async (request, reply) => {
      const { roomId } = request.params;
      door.host(roomId, request.headers.authorization);
      const { mode } = request.body;
      try {
        // The room itself remembers the mode, for this gateway's successor and for the others.
        await roomMetadata.change(roomId, { captions: mode });
      } catch (error) {
        request.log.error({ err: error }, 'LiveKit did not take the caption mode');
        throw livekitFailed();
      }
      options.onMode(roomId, mode);
      return reply.code(204).send(null);
    },
  );

  http.put(
    '/api/rooms/:roomId/off-record',
    {
      schema: {
        summary: 'Off the record: nothing is heard, captioned or kept until it is taken back (host only)',
        security: [{ hostKey: [] }],
        params: RoomParams,
        body: SetOffRecordRequest,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 422: Problem },
      },
    },
    async (request, reply) => {
      const { roomId } = request.params;
      door.host(roomId, request.headers.authorization);
      const { offRecord } = request.body;
      // Before anybody else is asked: from the click on nothing is kept, also if LiveKit does not answer.
      if (offRecord) options.onOffRecord(roomId, true);
      try {
        await roomMetadata.change(roomId, { offRecord });
      } catch (error) {
        request.log.error({ err: error }, 'LiveKit did not take the off-record switch');
        throw livekitFailed();
      }
      options.onOffRecord(roomId, offRecord);
      return reply.code(204).send(null);
    },
  );

  http.delete(
    '/api/rooms/:roomId/captions',
    {
      schema: {
        summary: 'Erase what was captioned so far, here, at the agents and on every screen (host only)',
        security: [{ hostKey: [] }],
        params: RoomParams,
        response: { 204: Type.Null(), 403: Problem, 404: Problem },
      },
    },
    async (request, reply) => {
      const { roomId } = request.params;
      door.host(roomId, request.headers.authorization);
      options.onErase(roomId);
      return reply.code(204).send(null);
    },
  );

  http.post(
    '/api/rooms/:roomId/demo',
    {
      config: { rateLimit: { max: Math.ceil(config.requestsPerMinute / 10) } },
      schema: {
        summary: 'Ask the demo speakers into the room',
        params: RoomParams,
        response: { 204: Type.Null(), 404: Problem },
      },
    },
    async (request, reply) => {
      const { roomId } = request.params;
      const settings = door.settings(roomId);
      if (config.demoAgentName === '') throw new ProblemError(404, 'This deployment has no demo speakers.');
      try {
        // LiveKit knows dispatches of open rooms only; of others it answers nothing, after seconds.
        await livekit.open(roomId, writeRoomMetadata(settings));
        if (!(await livekit.isDispatched(roomId, config.demoAgentName))) {
          await livekit.dispatch(roomId, config.demoAgentName);
        }
      } catch (error) {
        request.log.error({ err: error }, 'LiveKit did not dispatch the demo speakers');
        throw livekitFailed();
      }
      return reply.code(204).send(null);
    },
  );
}
