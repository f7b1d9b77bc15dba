/**
 * What `npm start` reads from the environment. Everything else there goes to the processes as it is; they read
 * and check their own.
 */
import { type Environment, EnvReader } from '../runtime/env.ts';
import { defaultStateFolder } from './project-root.ts';
import { keptKeys, keptOperatorToken, type LivekitKeys } from './secrets.ts';

export interface LaunchConfig {
  /** The media server to use; null: start one. */
  readonly givenLivekitUrl: string | null;
  readonly keys: LivekitKeys;
  readonly livekitPort: number;
  readonly livekitUdpPort: number;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly socketHost: string;
  readonly socketPort: number;
  readonly agentHealthPort: number;
  /** Empty: no demo speakers. */
  readonly demoAgentName: string;
  readonly operatorToken: string;
  /** Secrets, logs and the obtained media server. */
  readonly stateFolder: string;
}

const PORT = { min: 0, max: 65_535 };

/** Throws one error that names every fault. Keys that are not given are generated and kept. */
export function readLaunchConfig(env: Environment): LaunchConfig {
  const reader = new EnvReader(env);
  const given = reader.optional('LIVEKIT_URL') !== undefined;
  const keysGiven = given || reader.optional('LIVEKIT_API_KEY') !== undefined;
  const givenKeys = keysGiven
    ? { apiKey: reader.string('LIVEKIT_API_KEY'), apiSecret: reader.secret('LIVEKIT_API_SECRET') }
    : null;
  const stateFolder = reader.string('SURTITRE_STATE_FOLDER', defaultStateFolder);
  const config = {
    givenLivekitUrl: given ? reader.url('LIVEKIT_URL', ['ws:', 'wss:']) : null,
    livekitPort: reader.integer('SURTITRE_LIVEKIT_PORT', 7880, PORT),
    livekitUdpPort: reader.integer('SURTITRE_LIVEKIT_UDP_PORT', 7882, PORT),
    httpHost: reader.string('SURTITRE_HTTP_HOST', '127.0.0.1'),
    httpPort: reader.integer('SURTITRE_HTTP_PORT', 8080, PORT),
    socketHost: reader.string('SURTITRE_SOCKET_HOST', '127.0.0.1'),
    socketPort: reader.integer('SURTITRE_SOCKET_PORT', 8081, PORT),
    agentHealthPort: reader.integer('SURTITRE_AGENT_HEALTH_PORT', 8082, PORT),
    demoAgentName: reader.string(
      'SURTITRE_DEMO_AGENT_NAME',
      env.SURTITRE_DEMO_AGENT_NAME === '' ? '' : 'surtitre-demo',
    ),
    stateFolder,
  };
  const givenToken = reader.optional('SURTITRE_OPERATOR_TOKEN');
  reader.finish({});
  return Object.freeze({
    ...config,
    keys: givenKeys ?? keptKeys(stateFolder),
    operatorToken: givenToken ?? keptOperatorToken(stateFolder),
  });
}
