/** Many viewers in this process, each with the real client's connection and transcript. */
import { WebSocket as NodeWebSocket } from 'ws';
import { CaptionLines } from '../../client-overlay/overlay/caption-lines.ts';
import { CaptionSocket } from '../../client-overlay/overlay/caption-socket.ts';
import type { GatewayCluster } from './gateway-cluster.ts';
import { captionsToken, roomName } from './peers/surtitre.ts';

export interface Viewer {
  readonly room: number;
  readonly lines: CaptionLines;
  readonly socket: CaptionSocket;
  /** Name of the gateway that it is or was last connected to. */
  node: string;
  /** When it was last welcomed, on the clock of `performance`. */
  welcomedAt: number;
  connections: number;
}

export class ViewerCrowd {
  readonly viewers: readonly Viewer[];
  /** When connections were opened, the first ones included. */
  readonly openings: number[] = [];

  constructor(cluster: GatewayCluster, count: number, rooms: number) {
    const tokens = Array.from({ length: rooms }, (_, room) => captionsToken(roomName(room)));
    this.viewers = Array.from({ length: count }, (_, index) =>
      this.#viewer(cluster, index % rooms, tokens[index % rooms] ?? ''),
    );
  }

  /** Connects a few at a time: the start is not what is measured. */
  async connect(): Promise<void> {
    for (let from = 0; from < this.viewers.length; from += 100) {
      const some = this.viewers.slice(from, from + 100);
      for (const { socket } of some) socket.start();
      await this.until(() => some.every(({ socket }) => socket.state.state === 'open'));
    }
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  close(): void {
    for (const { socket } of this.viewers) socket.stop();
  }

  #viewer(cluster: GatewayCluster, room: number, token: string): Viewer {
    const lines = new CaptionLines();
    const viewer: Viewer = {
      room,
      lines,
      node: '',
      welcomedAt: 0,
      connections: 0,
      socket: new CaptionSocket({
        url: 'ws://balanced/captions',
        getToken: () => Promise.resolve(token),
        onState: ({ state }) => {
          if (state !== 'open') return;
          viewer.welcomedAt = performance.now();
          viewer.connections += 1;
        },
        onDelivery: ({ events }) => {
          for (const event of events) {
            if (lines.apply(event).type === 'needs-resume') viewer.socket.refetch();
          }
        },
        createSocket: (url, protocols) => {
          const node = cluster.next();
          viewer.node = node.name;
          this.openings.push(performance.now());
          const address = node.socketUrl + new URL(url).pathname;
          return new NodeWebSocket(address, protocols, { perMessageDeflate: false }) as unknown as WebSocket;
        },
      }),
    };
    return viewer;
  }
}
