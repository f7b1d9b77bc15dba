/** A LiveKit server on free loopback ports, for one test file. `LIVEKIT_SERVER_BIN` or the PATH names the binary. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { AccessToken, AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';

export interface LocalSfu {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly rooms: RoomServiceClient;
  readonly dispatches: AgentDispatchClient;
  token(room: string, identity: string, name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startLocalSfu(): Promise<LocalSfu> {
  const [port, tcpPort, udpPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const apiKey = 'APItest';
  const apiSecret = 'a-secret-for-tests-of-more-than-32-characters';
  const config = `
port: ${port}
bind_addresses: ["127.0.0.1"]
rtc:
  udp_port: ${udpPort}
  tcp_port: ${tcpPort}
  use_external_ip: false
  node_ip: 127.0.0.1
  enable_loopback_candidate: true
  interfaces: {includes: ["lo"]}
  ips: {includes: ["127.0.0.1/32"]}
keys: {${apiKey}: ${apiSecret}}
room: {auto_create: true, empty_timeout: 20, departure_timeout: 5, enable_remote_unmute: true}
logging: {level: warn}
`;
  const binary = process.env['LIVEKIT_SERVER_BIN'] ?? 'livekit-server';
  const server = spawn(binary, ['--config-body', config], { stdio: 'ignore' });
  const http = `http://127.0.0.1:${port}`;
  await answering(http, server);
  return {
    url: `ws://127.0.0.1:${port}`,
    apiKey,
    apiSecret,
    rooms: new RoomServiceClient(http, apiKey, apiSecret),
    dispatches: new AgentDispatchClient(http, apiKey, apiSecret),
    async token(room, identity, name) {
      const token = new AccessToken(apiKey, apiSecret, { identity, name, ttl: 600 });
      token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true });
      return token.toJwt();
    },
    async stop() {
      const exited = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await exited;
    },
  };
}

async function answering(http: string, server: ChildProcess): Promise<void> {
  let failure: Error | null = null;
  server.once('error', (error) => {
    failure = error;
  });
  server.once('exit', (code) => {
    failure = new Error(`livekit-server ended with code ${code}`);
  });
  for (;;) {
    if (failure) throw failure;
    const answered = await fetch(http).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
