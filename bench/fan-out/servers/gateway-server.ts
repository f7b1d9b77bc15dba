/**
 * The gateway as it ships, but for an SFU: nobody needs to speak here. With `--without-metrics` nothing is
 * counted or timed, to see what that costs.
 */
import { Counter, Gauge, Histogram } from 'prom-client';
import { readConfig } from '../../../gateway/config.ts';
import { startGateway } from '../../../gateway/gateway.ts';
import { Stage } from '../../../gateway/stage-histogram.ts';
import { createLog } from '../../../runtime/log.ts';

if (process.argv.includes('--without-metrics')) {
  const nothing = () => undefined;
  Object.assign(Counter.prototype, { inc: nothing });
  Object.assign(Gauge.prototype, { inc: nothing, dec: nothing, set: nothing });
  Object.assign(Histogram.prototype, { observeWithoutExemplar: nothing });
  Object.assign(Stage.prototype, { observe: nothing });
}
const gateway = await startGateway({
  config: readConfig({
    // Port 9 (discard): nothing listens there.
    LIVEKIT_URL: 'ws://127.0.0.1:9',
    SURTITRE_HTTP_PORT: '0',
    SURTITRE_SOCKET_PORT: '0',
    SURTITRE_MAX_CONNECTIONS_PER_ADDRESS: '1000000',
    ...process.env,
  }),
  log: createLog('gateway', 'silent'),
  clientFolder: 'dist/no-client',
});
console.log(JSON.stringify({ port: gateway.socketPort, httpPort: gateway.httpPort }));
process.once('SIGTERM', () => void gateway.close().then(() => process.exit(0)));
