/** Several gateways behind one Redis, on the server's core, and whichever of them a load balancer would choose. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { RedisServer } from '../faults/redis-server.ts';
import { ended, pinned } from './child-server.ts';
import { KEYS } from './peers/surtitre.ts';

export interface GatewayNode {
  readonly name: string;
  readonly socketUrl: string;
  readonly httpUrl: string;
  readonly process: ChildProcess;
}

export class GatewayCluster {
  readonly #redis: RedisServer;
  readonly #env: Readonly<Record<string, string>>;
  readonly #nodes = new Map<string, GatewayNode>();
  #turn = 0;

  private constructor(redis: RedisServer, env: Record<string, string>) {
    this.#redis = redis;
    this.#env = env;
  }

  static async start(names: readonly string[], env: Record<string, string> = {}): Promise<GatewayCluster> {
    const cluster = new GatewayCluster(await RedisServer.start(), env);
    for (const name of names) await cluster.add(name);
    return cluster;
  }

  async add(name: string): Promise<GatewayNode> {
    const program = [process.execPath, 'dist/bench/fan-out/servers/gateway-server.js'];
    const child = pinned(program, { ...KEYS, REDIS_URL: this.#redis.url, ...this.#env });
    const line = await printed(child, '}');
    const { port, httpPort } = JSON.parse(line) as { port: number; httpPort: number };
    const node = {
      name,
      socketUrl: `ws://127.0.0.1:${port}`,
      httpUrl: `http://127.0.0.1:${httpPort}`,
      process: child,
    };
    this.#nodes.set(name, node);
    return node;
  }

  node(name: string): GatewayNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  /** Round robin, without those that were taken out. */
  next(): GatewayNode {
    const nodes = [...this.#nodes.values()];
    this.#turn += 1;
    const node = nodes[this.#turn % nodes.length];
    if (node === undefined) throw new Error('no node is left');
    return node;
  }

  /** New connections go elsewhere, as when a pod is no longer ready. */
  takeOut(name: string): GatewayNode {
    const node = this.node(name);
    this.#nodes.delete(name);
    return node;
  }

  async close(): Promise<void> {
    for (const { process: child } of this.#nodes.values()) await ended(child);
    await this.#redis.close();
  }
}

function printed(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes(text)) return;
      // What follows is read and dropped, so that the pipe never fills.
      child.stdout?.off('data', take).resume();
      resolve(output);
    };
    child.stdout?.on('data', take);
    void once(child, 'exit').then(([code]) => reject(new Error(`ended with ${code}: ${output}`)));
  });
}
