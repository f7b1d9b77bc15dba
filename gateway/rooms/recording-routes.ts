/** Starting and stopping a recording, where the deployment can record. */
import { Type } from 'typebox';
import { Problem, RoomParams } from '../../protocol/room-api.ts';
import type { HttpServer } from '../http/http-server.ts';
import { ProblemError } from '../http/problem-document.ts';
import type { Recordings } from './recordings.ts';
import type { RoomDoor } from './room-door.ts';

export interface RecordingRoutesOptions {
  readonly door: RoomDoor;
  readonly recordings: Recordings;
}

export function addRecordingRoutes(http: HttpServer, { door, recordings }: RecordingRoutesOptions): void {
  for (const action of ['start', 'stop'] as const) {
    http.route({
      method: action === 'start' ? 'POST' : 'DELETE',
      url: '/api/rooms/:roomId/recording',
      schema: {
        summary: `${action === 'start' ? 'Record the meeting' : 'Stop the recording'} (host only)`,
        security: [{ hostKey: [] }],
        params: RoomParams,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 502: Problem },
      },
      handler: async (request, reply) => {
        const { roomId } = request.params as { roomId: string };
        door.host(roomId, request.headers.authorization);
        if (!recordings.isAvailable) throw new ProblemError(404, 'This deployment cannot record meetings.');
        await recordings[action](roomId).catch((error: unknown) => {
          request.log.error({ err: error }, 'LiveKit Egress failed');
          throw new ProblemError(502, 'The recording service does not answer. Try again in a moment.');
        });
        return reply.code(204).send(null);
      },
    });
  }
}
