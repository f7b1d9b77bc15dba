/** What stands between agents and gateways in a cluster: each connection goes to the next gateway that is ready. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import type { GatewayCluster } from './gateway-cluster.ts';

export class UplinkBalancer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(cluster: GatewayCluster): Promise<UplinkBalancer> {
    const server = createServer((inbound) => {
      const { hostname, port } = new URL(cluster.next().socketUrl);
      const outbound = connect(Number(port), hostname);
      inbound.pipe(outbound).pipe(inbound);
      inbound.on('error', () => outbound.destroy());
      outbound.on('error', () => inbound.destroy());
      inbound.on('close', () => outbound.destroy());
      outbound.on('close', () => inbound.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new UplinkBalancer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}
