/** The port of both WebSockets: loads the native server, wires its parts and listens. */
import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { portTaken, socketAddonMissing } from '../errors.ts';
import { refuse } from './websocket.ts';

/** The addon exports it as LIBUS_LISTEN_EXCLUSIVE_PORT; its types name neither that nor a host with options. */
const LISTEN_EXCLUSIVE_PORT = 1;

type WebSocketServer = typeof import('uWebSockets.js');

export class SocketServer {
  readonly app: TemplatedApp;
  readonly #uws: WebSocketServer;
  #listening: us_listen_socket | null = null;

  private constructor(uws: WebSocketServer) {
    this.#uws = uws;
    this.app = uws.App();
  }

  /** Throws `socket-addon-missing` where the native addon does not load: there is no slower fallback. */
  static async create(): Promise<SocketServer> {
    try {
      return new SocketServer(await import('uWebSockets.js'));
    } catch (error) {
      throw socketAddonMissing(error);
    }
  }

  /** Returns the port, which is a free one if `port` is 0. */
  listen(host: string, port: number): Promise<number> {
    this.app.any('/*', (res) => {
      refuse(res, { status: '404 Not Found', detail: 'Only the WebSockets /captions and /uplink are here.' });
    });
    return new Promise((resolve, reject) => {
      const listening = (socket: us_listen_socket | false): void => {
        if (socket === false) {
          reject(portTaken('WebSocket server', `${host}:${port}`, 'SURTITRE_SOCKET_PORT'));
          return;
        }
        this.#listening = socket;
        resolve(this.#uws.us_socket_local_port(socket));
      };
      // Without the exclusive option two gateways would share a port, and agents and viewers would miss each other.
      const listen = this.app.listen as (...args: unknown[]) => TemplatedApp;
      listen.call(this.app, host, port, LISTEN_EXCLUSIVE_PORT, listening);
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
