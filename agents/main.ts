/** The agent process: warms its engine, then takes rooms until it is told to stop or its engine fails. */
import './livekit/quiet-rtc-log.ts';
import { dispose } from '@livekit/rtc-node';
import { SurtitreError } from '../runtime/errors.ts';
import { createLog } from '../runtime/log.ts';
import { Shutdown } from '../runtime/shutdown.ts';
import { startAgent } from './agent.ts';
import { readConfig } from './config.ts';
import { createEngine } from './engine-choice.ts';
import { HealthServer } from './health-server.ts';
import { AgentMetrics } from './metrics.ts';
import type { MoshiServer, MoshiServerOptions } from './moshi-server/moshi-server.ts';

/** An orchestrator is promised 5 s. */
const SHUTDOWN_DEADLINE_MS = 4_800;
/** After a failure the native threads get so long to end before the process does. */
const DISPOSE_DEADLINE_MS = 1_000;

try {
  const config = readConfig(process.env);
  if (process.argv.includes('--check-config')) process.exit(0);
  const log = createLog('agent', config.logLevel);
  const shutdown = new Shutdown(log, SHUTDOWN_DEADLINE_MS);
  shutdown.exitOnSignals();
  const metrics = new AgentMetrics();
  let missing: () => readonly string[] = () => ['the speech engine'];
  const health = await HealthServer.listen({
    host: config.healthHost,
    port: config.healthPort,
    registry: metrics.registry,
    missing: () => missing(),
  });
  shutdown.add('health server', () => health.close());
  const engine = await createEngine(config, metrics, log);
  log.info({ engine: engine.name }, 'speech engine warm');
  shutdown.add('speech engine', () => engine.close());
  const moshiServer = config.moshiServer && (await serveMoshi({ ...config.moshiServer, engine, log }));
  if (moshiServer) {
    metrics.observeMoshiServer(() => moshiServer.stats());
    log.info({ port: moshiServer.port }, 'serving moshi clients');
    shutdown.add('moshi server', () => moshiServer.close());
  }
  // Without it the native threads keep the process alive.
  shutdown.add('rtc', () => dispose());
  const agent = startAgent({
    config,
    engine,
    metrics,
    log,
    // Rooms are not left in good order: a successor must see that something is missing.
    onFailed: (error) => {
      log.fatal({ err: error }, 'agent failed');
      process.stderr.write(`${error.message}\n`);
      setTimeout(() => process.exit(1), DISPOSE_DEADLINE_MS);
      void dispose().finally(() => process.exit(1));
    },
  });
  missing = () => agent.missing();
  shutdown.add('agent', () => agent.close());
  await agent.ready;
  log.info({ healthPort: health.port }, 'agent ready');
  process.send?.({ ready: true, healthPort: health.port, moshiPort: moshiServer?.port });
} catch (error) {
  if (!(error instanceof SurtitreError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

/** Loaded only where it is switched on: its decoders of sound files are a tenth of a second of the start. */
async function serveMoshi(options: MoshiServerOptions): Promise<MoshiServer> {
  const { MoshiServer } = await import('./moshi-server/moshi-server.ts');
  return MoshiServer.listen(options);
}
