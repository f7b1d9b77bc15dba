/**
 * The whole product on one machine: media server → gateway → agent → demo speakers, each a {@link ManagedProcess},
 * started in this order and stopped in reverse. `npm start`, the demo command, tests and benches use it.
 */
import { SurtitreError } from '../runtime/errors.ts';
import type { LaunchConfig } from './config.ts';
import { checkLivekit } from './livekit-check.ts';
import { livekitProgram } from './livekit-program.ts';
import { ManagedProcess, type ProcessSpec, type ReadyMessage } from './managed-process.ts';
import { claimPort, type Transport } from './ports.ts';
import type { Progress } from './progress.ts';
import {
  agentSpec,
  demoSpec,
  gatewaySpec,
  livekitSpec,
  reachable,
  type StackPlan,
} from './stack-processes.ts';

export interface StackOptions {
  readonly config: LaunchConfig;
  readonly progress: Progress;
  /** What all processes inherit, e.g. `process.env`. */
  readonly env: NodeJS.ProcessEnv;
  /** Shows the processes' logs on standard error. */
  readonly showLogs?: boolean;
  /** Ends a start that is under way; what was started is stopped again. */
  readonly signal?: AbortSignal;
  /** A process that was running is given up; the owner stops the stack. */
  readonly onGivenUp?: (error: SurtitreError) => void;
}

/** All of it is ready. */
export interface Stack {
  /** Where people go: the gateway's HTTP address. */
  readonly url: string;
  readonly socketUrl: string;
  readonly agentHealthUrl: string;
  readonly livekitUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Absent when LIVEKIT_URL named a server. */
  readonly livekit: ManagedProcess | null;
  readonly gateway: ManagedProcess;
  readonly agent: ManagedProcess;
  /** Absent when there are no demo speakers. */
  readonly demo: ManagedProcess | null;
  /** In reverse order; the sum of `stopWithinMs` over the layers is below 5 s. Idempotent. */
  stop(): Promise<void>;
}

/** Another program can take a port that was free a moment ago; with ports of our choice we choose again. */
const ATTEMPTS = 3;

/** Rejects, with everything stopped again, when a part does not become ready. */
export async function startStack(options: StackOptions): Promise<Stack> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt === ATTEMPTS || !lostItsPort(error, options.config)) throw error;
    }
  }
}

function lostItsPort(error: unknown, { httpPort, livekitPort, livekitUdpPort }: LaunchConfig): boolean {
  const oursToChoose = [httpPort, livekitPort, livekitUdpPort].includes(0);
  const isProcess = error instanceof SurtitreError && error.code === 'process-failed';
  return oursToChoose && isProcess && /in use|is taken/.test(error.message);
}

async function startOnce(options: StackOptions): Promise<Stack> {
  const starter = new StackStarter(options);
  const abandon = () => void starter.stop();
  options.signal?.addEventListener('abort', abandon);
  try {
    return await starter.start();
  } catch (error) {
    await starter.stop();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abandon);
  }
}

class StackStarter {
  readonly #options: StackOptions;
  /** Each layer needs those before it; what is in one is stopped at the same time. */
  readonly #layers: ManagedProcess[][] = [];
  #stopping: Promise<void> | null = null;

  constructor(options: StackOptions) {
    this.#options = options;
  }

  async start(): Promise<Stack> {
    const { config } = this.#options;
    const plan = await this.#plan();
    const livekit = await this.#startLivekit(plan);

    const [gateway] = this.#layer(gatewaySpec(plan));
    const { socketPort } = await this.#ready('Starting the gateway', gateway);
    const socketUrl = `ws://${reachable(config.socketHost)}:${Number(socketPort)}`;

    const hasDemo = config.demoAgentName !== '';
    const [agent, demo = null] = this.#layer(
      agentSpec(plan, socketUrl),
      ...(hasDemo ? [demoSpec(plan)] : []),
    );
    const [{ healthPort }] = await Promise.all([
      this.#ready('Warming up the speech model', agent),
      demo === null ? null : this.#ready('Starting the demo speakers', demo),
    ]);
    return {
      url: `http://${reachable(config.httpHost)}:${plan.httpPort}`,
      socketUrl,
      agentHealthUrl: `http://127.0.0.1:${Number(healthPort)}`,
      livekitUrl: plan.livekitUrl,
      ...config.keys,
      livekit,
      gateway,
      agent,
      demo,
      stop: () => this.stop(),
    };
  }

  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      for (const layer of this.#layers.reverse()) await Promise.all(layer.map((process) => process.stop()));
    })();
    return this.#stopping;
  }

  async #startLivekit(plan: StackPlan): Promise<ManagedProcess | null> {
    const { config } = this.#options;
    if (config.givenLivekitUrl !== null) {
      await checkLivekit(config.givenLivekitUrl, config.keys);
      return null;
    }
    const program = await livekitProgram({ ...this.#options, stateFolder: config.stateFolder });
    const [livekit] = this.#layer(livekitSpec(plan, program));
    await this.#ready('Starting the media server', livekit);
    return livekit;
  }

  async #plan(): Promise<StackPlan> {
    const { config, env, showLogs = false } = this.#options;
    const local = '127.0.0.1';
    const httpPort = await claim('tcp', config.httpHost, config.httpPort, 'SURTITRE_HTTP_PORT', 'gateway');
    // Looked at only: gateway and agent choose, and tell, a port given as 0 themselves.
    await claim('tcp', config.socketHost, config.socketPort, 'SURTITRE_SOCKET_PORT', 'gateway');
    await claim('tcp', local, config.agentHealthPort, 'SURTITRE_AGENT_HEALTH_PORT', 'agent');
    const common = { config, env, showLogs, httpPort };
    if (config.givenLivekitUrl !== null) {
      return { ...common, livekitUrl: config.givenLivekitUrl, livekitPort: 0, livekitUdpPort: 0 };
    }
    const { livekitPort: wished, livekitUdpPort: wishedUdp } = config;
    const livekitPort = await claim('tcp', local, wished, 'SURTITRE_LIVEKIT_PORT', 'media server');
    const livekitUdpPort = await claim('udp', local, wishedUdp, 'SURTITRE_LIVEKIT_UDP_PORT', 'media server');
    return { ...common, livekitUrl: `ws://${local}:${livekitPort}`, livekitPort, livekitUdpPort };
  }

  #layer(first: ProcessSpec, ...others: ProcessSpec[]): [ManagedProcess, ...ManagedProcess[]] {
    const { progress, onGivenUp, signal } = this.#options;
    signal?.throwIfAborted();
    const manage = (spec: ProcessSpec) =>
      new ManagedProcess(spec, {
        onRestart: (name, cause, delayMs) =>
          progress.line(
            `The ${name} ${cause}; starting it again${delayMs === 0 ? '' : ` in ${delayMs / 1_000} s`}.`,
          ),
        onGivenUp: (error) => onGivenUp?.(error),
      });
    const layer: [ManagedProcess, ...ManagedProcess[]] = [manage(first), ...others.map(manage)];
    this.#layers.push(layer);
    return layer;
  }

  #ready(label: string, process: ManagedProcess): Promise<ReadyMessage> {
    return this.#options.progress.step(label, () => process.start());
  }
}

function claim(
  transport: Transport,
  host: string,
  port: number,
  variable: string,
  purpose: string,
): Promise<number> {
  return claimPort({ transport, host, port, variable, purpose });
}
