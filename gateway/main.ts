/** The gateway process: reads its configuration, starts, says so, and stops in good order when told to. */
import { fileURLToPath } from 'node:url';
import { SurtitreError } from '../runtime/errors.ts';
import { createLog } from '../runtime/log.ts';
import { Shutdown } from '../runtime/shutdown.ts';
import { readConfig } from './config.ts';
import { SocketServer } from './fanout/socket-server.ts';
import { startGateway } from './gateway.ts';

/** Compiled, this file lies in dist/gateway beside it. */
const CLIENT_FOLDER = fileURLToPath(new URL('../client', import.meta.url));
/** On top of the time in which viewers are moved away. */
const SHUTDOWN_DEADLINE_MS = 3_500;

try {
  const config = readConfig(process.env);
  if (process.argv.includes('--check-config')) process.exit(0);
  const log = createLog('gateway', config.logLevel);
  const shutdown = new Shutdown(log, config.drainMs + SHUTDOWN_DEADLINE_MS);
  const gateway = await startGateway({ config, log, clientFolder: CLIENT_FOLDER });
  shutdown.add('gateway', () => gateway.close());
  shutdown.exitOnSignals();
  const { httpPort, socketPort, metricsPort } = gateway;
  log.info({ httpPort, socketPort, metricsPort, webSockets: SocketServer.addonFile() }, 'gateway ready');
  process.send?.({ ready: true, httpPort, socketPort });
} catch (error) {
  if (!(error instanceof SurtitreError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
