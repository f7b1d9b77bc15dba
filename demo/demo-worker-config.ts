/** Configuration of the demo speakers' process: the only place that knows its environment variables. */
import { type Environment, EnvReader } from '../runtime/env.ts';

export interface DemoWorkerConfig {
  readonly livekitUrl: string;
  readonly livekitApiKey: string;
  readonly livekitApiSecret: string;
  /** Under this name the gateway asks speakers into a room. */
  readonly demoAgentName: string;
  /** Rooms at the same time; each costs about a third of a core. */
  readonly maxRooms: number;
  readonly logLevel: string;
}

export function readConfig(environment: Environment): Readonly<DemoWorkerConfig> {
  const env = new EnvReader(environment);
  return env.finish({
    livekitUrl: env.url('LIVEKIT_URL', ['ws:', 'wss:'], 'ws://127.0.0.1:7880'),
    livekitApiKey: env.string('LIVEKIT_API_KEY'),
    livekitApiSecret: env.secret('LIVEKIT_API_SECRET'),
    demoAgentName: env.string('SURTITRE_DEMO_AGENT_NAME', 'surtitre-demo'),
    maxRooms: env.integer('SURTITRE_DEMO_ROOMS', 4, { min: 1, max: 50 }),
    logLevel: env.choice('SURTITRE_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  });
}
