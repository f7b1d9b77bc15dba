/** How each process of the stack is started: program, environment, patience. */
import { join } from 'node:path';
import type { LaunchConfig } from './config.ts';
import { livekitConfig } from './livekit-config.ts';
import type { KeeperOrder } from './livekit-keeper.ts';
import type { LivekitProgram } from './livekit-program.ts';
import type { ProcessSpec } from './managed-process.ts';
import { compiledProgram } from './project-root.ts';

/** Registered at the media server; the gateway listens there. */
export const WEBHOOK_PATH = '/api/livekit/webhook';

export interface StackPlan {
  readonly config: LaunchConfig;
  /** What all processes inherit. */
  readonly env: NodeJS.ProcessEnv;
  readonly showLogs: boolean;
  readonly livekitUrl: string;
  readonly httpPort: number;
  /** Of the media server, when it is ours. */
  readonly livekitPort: number;
  readonly livekitUdpPort: number;
}

export function livekitSpec(plan: StackPlan, program: LivekitProgram): ProcessSpec {
  const bridged = program.kind === 'container' && process.platform !== 'linux';
  const webhookHost = bridged ? 'host.docker.internal' : reachable(plan.config.httpHost);
  const settings = livekitConfig({
    keys: plan.config.keys,
    port: plan.livekitPort,
    udpPort: plan.livekitUdpPort,
    webhookUrl: `http://${webhookHost}:${plan.httpPort}${WEBHOOK_PATH}`,
    bridged,
  });
  return {
    ...common(plan, 'media server', 'livekit'),
    program: compiledProgram('launch/livekit-keeper.js'),
    args: [JSON.stringify(keeperOrder(plan, program, bridged))],
    env: () => ({ ...plan.env, LIVEKIT_CONFIG: settings }),
    readyWithinMs: 30_000,
    stopWithinMs: 1_200,
  };
}

export function gatewaySpec(plan: StackPlan): ProcessSpec {
  const { socketHost, socketPort, httpHost, operatorToken } = plan.config;
  return {
    ...common(plan, 'gateway', 'gateway'),
    program: compiledProgram('gateway/main.js'),
    env: (last) => ({
      // On one machine there is no other gateway to which viewers could be moved first.
      SURTITRE_DRAIN_MS: '0',
      ...serviceEnv(plan),
      SURTITRE_OPERATOR_TOKEN: operatorToken,
      SURTITRE_HTTP_HOST: httpHost,
      SURTITRE_HTTP_PORT: String(plan.httpPort),
      SURTITRE_SOCKET_HOST: socketHost,
      SURTITRE_SOCKET_PORT: String(last?.socketPort ?? socketPort),
    }),
    readyWithinMs: 20_000,
    stopWithinMs: 1_300,
  };
}

export function agentSpec(plan: StackPlan, uplinkUrl: string): ProcessSpec {
  return {
    ...common(plan, 'agent', 'agent'),
    program: compiledProgram('agents/main.js'),
    env: (last) => ({
      ...serviceEnv(plan),
      SURTITRE_UPLINK_URL: uplinkUrl,
      SURTITRE_AGENT_HEALTH_PORT: String(last?.healthPort ?? plan.config.agentHealthPort),
    }),
    readyWithinMs: 120_000,
    stopWithinMs: 2_200,
  };
}

export function demoSpec(plan: StackPlan): ProcessSpec {
  return {
    ...common(plan, 'demo speakers', 'demo'),
    program: compiledProgram('demo/demo-worker.js'),
    env: () => serviceEnv(plan),
    readyWithinMs: 20_000,
    stopWithinMs: 1_000,
  };
}

/** An address that this machine can connect to, for one that it listens on. */
export function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

function common({ config, showLogs }: StackPlan, name: string, logName: string) {
  return { name, logFile: join(config.stateFolder, 'logs', `${logName}.log`), showLog: showLogs };
}

function serviceEnv({ env, config, livekitUrl }: StackPlan): NodeJS.ProcessEnv {
  return {
    // Otherwise rtc-node logs each packet.
    NODE_ENV: 'production',
    ...env,
    LIVEKIT_URL: livekitUrl,
    LIVEKIT_API_KEY: config.keys.apiKey,
    LIVEKIT_API_SECRET: config.keys.apiSecret,
    SURTITRE_DEMO_AGENT_NAME: config.demoAgentName,
  };
}

function keeperOrder(plan: StackPlan, program: LivekitProgram, bridged: boolean): KeeperOrder {
  const { livekitPort: port, livekitUdpPort: udpPort } = plan;
  const healthUrl = `http://127.0.0.1:${port}/`;
  if (program.kind === 'binary') return { command: program.path, args: [], healthUrl, cleanUp: null };
  const container = `surtitre-livekit-${port}`;
  const published = ['-p', `127.0.0.1:${port}:${port}`, '-p', `127.0.0.1:${udpPort}:${udpPort}/udp`];
  const network = bridged ? published : ['--network', 'host'];
  return {
    command: 'docker',
    args: ['run', '--rm', '--name', container, '--env', 'LIVEKIT_CONFIG', ...network, program.image],
    healthUrl,
    cleanUp: ['docker', 'rm', '--force', container],
  };
}
