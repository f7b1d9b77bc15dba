/**
 * Two nodes of the real LiveKit server that share their rooms through a real Redis. A room lives on one of them,
 * clients may connect to either.
 */
import { randomBytes } from 'node:crypto';
import { RoomServiceClient } from 'livekit-server-sdk';
import { RedisServer } from '../../bench/faults/redis-server.ts';
import { type RunningLivekitServer, startLivekitServer } from './livekit-server.ts';

export interface LivekitNode extends RunningLivekitServer {
  /** LiveKit's own, as its Redis has it. */
  readonly id: string;
}

export class LivekitPair {
  readonly nodes: readonly [LivekitNode, LivekitNode];
  readonly #redis: RedisServer;

  private constructor(redis: RedisServer, nodes: readonly [LivekitNode, LivekitNode]) {
    this.#redis = redis;
    this.nodes = nodes;
  }

  static async start(): Promise<LivekitPair> {
    const redis = await RedisServer.start();
    const apiSecret = randomBytes(24).toString('hex');
    const start = async (): Promise<LivekitNode> => {
      const before = await nodeIds(redis);
      const server = await startLivekitServer({ node: { redisPort: redis.port, apiSecret } });
      const [id] = (await nodeIds(redis)).filter((known) => !before.includes(known));
      if (id === undefined) throw new Error('the node did not make itself known in Redis');
      return { ...server, id };
    };
    return new LivekitPair(redis, [await start(), await start()]);
  }

  /** Opens the room on this node. */
  async place(room: string, { id, url, apiKey, apiSecret }: LivekitNode): Promise<void> {
    const rooms = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret);
    await rooms.createRoom({ name: room, nodeId: id });
  }

  /** The node on which the room lives. */
  async nodeOf(room: string): Promise<LivekitNode | undefined> {
    const id = await this.#redis.command('HGET', 'room_node_map', room);
    return this.nodes.find((node) => node.id === id);
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
    await this.#redis.close();
  }
}

async function nodeIds(redis: RedisServer): Promise<string[]> {
  return (await redis.command('HKEYS', 'nodes')) as string[];
}
