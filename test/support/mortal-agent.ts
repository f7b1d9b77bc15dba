/**
 * A captioning agent that can die as a killed process does: its uplink breaks and its worker is gone, while its
 * participant lingers in the room, deaf. It hears nothing; captions are the test's own.
 */
import { Room, RoomEvent } from '@livekit/rtc-node';
import { WorkerSocket } from '../../agents/livekit/worker-socket.ts';
import { createLog } from '../../runtime/log.ts';
import type { TestGateway } from './start-gateway.ts';
import { live, UplinkAgent } from './uplink-agent.ts';

export class MortalAgent {
  readonly uplink: UplinkAgent;
  /** Rooms that it was asked into, in order. */
  readonly rooms: string[] = [];
  readonly #worker: WorkerSocket;
  readonly #connections: Room[] = [];
  #numbers = new Map<string, number>();

  private constructor(uplink: UplinkAgent, gateway: TestGateway, livekitUrl: string, agentName: string) {
    this.uplink = uplink;
    this.#worker = new WorkerSocket({
      url: livekitUrl,
      apiKey: gateway.apiKey,
      apiSecret: gateway.apiSecret,
      agentName,
      version: 'test',
      permissions: { canSubscribe: true, hidden: true },
      maxJobs: 100,
      log: createLog('mortal-agent', process.env.TEST_LOG ?? 'silent'),
      onOffer: ({ room }) => ({ answer: 'take', participant: { identity: `${agentName}-${room}` } }),
      onAssigned: (job, { url, token }) => void this.#enter(job.id, job.room, url, token),
      onTerminated: (jobId) => this.#worker.finish(jobId, 'success'),
    });
  }

  static async start(gateway: TestGateway, livekitUrl: string, agentName = 'surtitre'): Promise<MortalAgent> {
    const uplink = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
    const agent = new MortalAgent(uplink, gateway, livekitUrl, agentName);
    agent.#worker.connect();
    return agent;
  }

  say(room: string, events: Parameters<UplinkAgent['frame']>[2]): void {
    const number = (this.#numbers.get(room) ?? 0) + 1;
    this.#numbers.set(room, number);
    this.uplink.frame(room, number, events);
  }

  /** Everything but the participant is gone at once. */
  async die(): Promise<void> {
    this.#worker.close();
    await this.uplink.die();
  }

  /** The lingering participants go too. */
  async bury(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.disconnect()));
  }

  /** Resolves when the server has put the participant out of the room. */
  expelled(room: string): Promise<void> {
    const connection = this.#connections[this.rooms.indexOf(room)];
    if (!connection?.isConnected) return Promise.resolve();
    return new Promise((resolve) => connection.once(RoomEvent.Disconnected, () => resolve()));
  }

  async #enter(_jobId: string, room: string, url: string, token: string): Promise<void> {
    const connection = new Room();
    this.rooms.push(room);
    this.#connections.push(connection);
    await connection.connect(url, token, { autoSubscribe: false, dynacast: false });
    this.say(room, [live(Date.now())]);
  }
}
