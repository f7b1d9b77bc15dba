/**
 * Two whole gateways on one Redis, and an agent's real uplink that reaches them through a balancer. The agent says
 * one long utterance, word by word.
 */
import { GatewayUplink } from '../../agents/uplink/gateway-uplink.ts';
import { RedisServer } from '../../bench/faults/redis-server.ts';
import { TcpProxy } from '../../bench/faults/tcp-proxy.ts';
import { CAPTIONS_AUDIENCE } from '../../protocol/connection.ts';
import { createLog } from '../../runtime/log.ts';
import { CaptionViewer, type Position } from './caption-viewer.ts';
import { inOneHour, startTestGateway, TEST_SECRET, type TestGateway } from './start-gateway.ts';
import { appendedText, live, openedUtterance } from './uplink-agent.ts';

const ROOM = 'room';

interface Parts {
  readonly redis: RedisServer;
  readonly redisProxy: TcpProxy;
  readonly gateways: readonly TestGateway[];
}

export class GatewayPair {
  /** Which gateway the agent's next connection reaches. */
  target = 0;
  readonly #parts: Parts;
  readonly #stopped = new Set<TestGateway>();
  #balancer: TcpProxy | null = null;
  #uplink: GatewayUplink | null = null;
  #text = '';
  #isRedisThere = true;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async start(): Promise<GatewayPair> {
    const redis = await RedisServer.start();
    let pair: GatewayPair | null = null;
    const redisProxy = await TcpProxy.start(() => (pair && !pair.#isRedisThere ? null : redis.port));
    const env = { REDIS_URL: `redis://127.0.0.1:${redisProxy.port}` };
    const gateways = [await startTestGateway({ env }), await startTestGateway({ env })];
    pair = new GatewayPair({ redis, redisProxy, gateways });
    await pair.#startAgent();
    return pair;
  }

  async #startAgent(): Promise<void> {
    const { gateways } = this.#parts;
    this.#balancer = await TcpProxy.start(() => gateways[this.target]?.socketPort ?? null);
    this.#uplink = new GatewayUplink({
      url: `ws://127.0.0.1:${this.#balancer.port}`,
      apiSecret: TEST_SECRET,
      agentId: 'agent',
      sessionId: 'session',
      maxTotalBytes: 10_000_000,
      log: createLog('agent', process.env.TEST_LOG ?? 'silent'),
    });
    this.#uplink.connect();
  }

  say(word: string): void {
    const isFirst = this.#text === '';
    const text = isFirst ? word : ` ${word}`;
    const begin = isFirst ? [live(Date.now()), openedUtterance(1, Date.now())] : [];
    this.#uplink?.send(ROOM, [...begin, appendedText(1, this.#text.length, text, Date.now())], null);
    this.#text += text;
  }

  view(gateway: number, position?: Position): Promise<CaptionViewer> {
    const at = this.#parts.gateways[gateway];
    if (!at) throw new Error('no such gateway');
    const token = at.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room: ROOM, exp: inOneHour() });
    return CaptionViewer.join(at.socketUrl, token, position);
  }

  /** The utterance as this viewer has it. */
  textOf(viewer: CaptionViewer): string {
    let text = '';
    for (const event of viewer.events) {
      if (event.type === 'restored') text = event.text;
      else if (event.type === 'appended') text = text.slice(0, event.offset) + event.text;
    }
    return text;
  }

  gapsOf(viewers: readonly CaptionViewer[]): number {
    return viewers.flatMap(({ events }) => events).filter(({ type }) => type === 'gap').length;
  }

  /** Resolves when each of them has all that was said. */
  async allRead(viewers: readonly CaptionViewer[]): Promise<void> {
    const whole = this.#text;
    await Promise.all(viewers.map((viewer) => viewer.inbox.until(() => this.textOf(viewer) === whole)));
  }

  /** In good order, as on SIGTERM. */
  async stop(gateway: number): Promise<void> {
    const stopping = this.#parts.gateways[gateway];
    if (!stopping) return;
    this.#stopped.add(stopping);
    await stopping.close();
  }

  /** From now on nobody reaches Redis. */
  cutRedis(): void {
    this.#isRedisThere = false;
    this.#parts.redisProxy.cut();
  }

  restoreRedis(): void {
    this.#isRedisThere = true;
  }

  async close(): Promise<void> {
    await this.#uplink?.close(0);
    for (const gateway of this.#parts.gateways) if (!this.#stopped.has(gateway)) await gateway.close();
    await this.#balancer?.close();
    await this.#parts.redisProxy.close();
    await this.#parts.redis.close();
  }
}
