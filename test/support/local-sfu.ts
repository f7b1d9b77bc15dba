/** The real LiveKit server together with what a test does with it: its two clients and participants' tokens. */
import { AccessToken, AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { type RunningLivekitServer, startLivekitServer } from './livekit-server.ts';

export interface LocalSfu extends RunningLivekitServer {
  readonly rooms: RoomServiceClient;
  readonly dispatches: AgentDispatchClient;
  token(room: string, identity: string, name: string): Promise<string>;
}

export async function startLocalSfu(): Promise<LocalSfu> {
  const server = await startLivekitServer();
  const { apiKey, apiSecret } = server;
  const http = server.url.replace(/^ws/, 'http');
  return {
    ...server,
    rooms: new RoomServiceClient(http, apiKey, apiSecret),
    dispatches: new AgentDispatchClient(http, apiKey, apiSecret),
    token(room, identity, name) {
      const token = new AccessToken(apiKey, apiSecret, { identity, name, ttl: 600 });
      token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true });
      return token.toJwt();
    },
  };
}
