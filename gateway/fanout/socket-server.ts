/** The port of both WebSockets: loads the native server, wires its parts and listens. */

import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { portTaken, socketAddonMissing } from '../errors.ts';
import { refuse } from './websocket.ts';

type WebSocketServer = typeof import('uWebSockets.js');

export class SocketServer {
  readonly app: TemplatedApp;
  readonly #uws: WebSocketServer;
  #listening: us_listen_socket | null = null;

  private constructor(uws: WebSocketServer) {
    this.#uws = uws;
    this.app = uws.App();
  }

  /**
   * Throws `socket-addon-missing` where the native addon does not load, and also where a package of the same
   * name silently put a JavaScript imitation in its place.
   */
  static async create(): Promise<SocketServer> {
    const uws = await import('uWebSockets.js').catch((error: unknown) => {
      throw socketAddonMissing(error);
    });
    if (!String(uws.App).includes('[native code]')) throw socketAddonMissing('App is not native code');
    return new SocketServer(uws);
  }

  /** The native addon's file, for the log. */
  static addonFile(): string | undefined {
    const { sharedObjects } = process.report.getReport() as { sharedObjects?: readonly string[] };
    const path = sharedObjects?.find((file) => /uws[^/\\]*\.node$/.test(file));
    return path?.split('node_modules/').at(-1);
  }

  /** Returns the port, which is a free one if `port` is 0. */
  async listen(host: string, port: number): Promise<number> {
    this.app.any('/*', (res) => {
      refuse(res, { status: '404 Not Found', detail: 'Only the WebSockets /captions and /uplink are here.' });
    });
    const taken = portTaken('WebSocket server', `${host}:${port}`, 'SURTITRE_SOCKET_PORT');
    if (port !== 0 && (await isAnswered(host, port))) throw taken;
    const wanted = port === 0 ? await freePort(host) : port;
    return new Promise((resolve, reject) => {
      this.app.listen(host, wanted, (socket) => {
        if (socket === false) {
          reject(taken);
          return;
        }
        this.#listening = socket;
        resolve(this.#uws.us_socket_local_port(socket));
      });
    });
  }

  /** No new connections; open ones stay. */
  stopListening(): void {
    if (this.#listening) this.#uws.us_listen_socket_close(this.#listening);
    this.#listening = null;
  }

  /** Cuts what is still connected. */
  close(): void {
    this.stopListening();
    this.app.close();
  }
}

/**
 * uWebSockets.js would share a port with another process (SO_REUSEPORT), and agents and viewers would miss each
 * other. Its exclusive mode is no way out: it also refuses a port on which a predecessor's connections linger.
 */
async function isAnswered(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Chosen here, because with port 0 the listener would not let its successor have the port at once. */
async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
