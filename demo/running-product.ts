/** The product that a demo speaks to: the one that runs, or one of its own that ends with the demo. */
import { readLaunchConfig } from '../launch/config.ts';
import { FREE_PORTS } from '../launch/free-ports.ts';
import type { Progress } from '../launch/progress.ts';
import { startStack } from '../launch/stack.ts';
import { SurtitreError } from '../runtime/errors.ts';
import { DEFAULT_URL, type DemoOptions } from './demo-options.ts';
import { MeetingService } from './meeting-service.ts';

export interface Product {
  readonly url: string;
  readonly agentHealthUrl: string;
  stop(): Promise<void>;
}

export async function runningProduct(
  { url, verbose }: DemoOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Product> {
  const wanted = url ?? DEFAULT_URL;
  if (await new MeetingService(wanted).isReady()) {
    const healthPort = process.env.SURTITRE_AGENT_HEALTH_PORT ?? '8082';
    return { url: wanted, agentHealthUrl: `http://127.0.0.1:${healthPort}`, stop: async () => {} };
  }
  if (url !== null) {
    throw new SurtitreError(
      'gateway-unreachable',
      `No Surtitre is ready at ${url}; without --url one is started.`,
    );
  }
  const env = { ...process.env, ...FREE_PORTS, SURTITRE_DEMO_AGENT_NAME: '' };
  return startStack({ config: readLaunchConfig(env), progress, env, showLogs: verbose, signal });
}
