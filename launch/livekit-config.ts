/** Configuration of the media server for one machine: everything on loopback, nothing looked up outside. */
import { networkInterfaces } from 'node:os';
import type { LivekitKeys } from './secrets.ts';

export interface LivekitPlacement {
  readonly keys: LivekitKeys;
  /** HTTP and WebSocket signalling. */
  readonly port: number;
  /** All media of all participants. */
  readonly udpPort: number;
  readonly webhookUrl: string;
  /** In a container without the host's network the loopback rules would shut everyone out. */
  readonly bridged: boolean;
}

/** JSON, which is YAML too: the value of LIVEKIT_CONFIG. */
export function livekitConfig({ keys, port, udpPort, webhookUrl, bridged }: LivekitPlacement): string {
  const loopback = Object.entries(networkInterfaces())
    .filter(([, addresses]) => addresses?.some((address) => address.internal))
    .map(([name]) => name);
  return JSON.stringify({
    port,
    ...(bridged ? {} : { bind_addresses: ['127.0.0.1'] }),
    rtc: {
      udp_port: udpPort,
      // 0 leaves media over TCP out: it would listen on every interface, and loopback never needs it.
      tcp_port: 0,
      use_external_ip: false,
      // Named, or the server would ask public STUN servers for it.
      node_ip: '127.0.0.1',
      enable_loopback_candidate: true,
      ...(bridged ? {} : { interfaces: { includes: loopback }, ips: { includes: ['127.0.0.1/32'] } }),
    },
    keys: { [keys.apiKey]: keys.apiSecret },
    webhook: { api_key: keys.apiKey, urls: [webhookUrl] },
    room: { auto_create: true, empty_timeout: 60, departure_timeout: 20 },
    logging: { level: 'warn', pion_level: 'error' },
  });
}
