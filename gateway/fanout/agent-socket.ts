/**
 * The agents' side of the fan-out: authenticates their connections, takes their frames and acknowledges them, now
 * and then and with one message per room.
 */
import type { TemplatedApp, WebSocket } from 'uWebSockets.js';
import { UPLINK_PATH, UPLINK_SUBPROTOCOL } from '../../protocol/connection.ts';
import { MalformedMessage } from '../../protocol/malformed-message.ts';
import {
  type FromAgent,
  MAX_UPLINK_MESSAGE_BYTES,
  packToAgent,
  type UplinkHello,
  unpackFromAgent,
} from '../../protocol/uplink-message.ts';
import { nowMs } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { type AccessTokens, bearerToken } from '../rooms/access-tokens.ts';
import type { AgentLoads } from './agent-loads.ts';
import type { AgentSession } from './agent-session.ts';
import type { CaptionHub } from './caption-hub.ts';
import { closeWith, offeredSubprotocols, refuse } from './websocket.ts';

const HELLO_DEADLINE_MS = 5_000;
/** An agent that was away when a room was erased is told when it is back; after this its session is over. */
const ERASED_ROOM_KEPT_MS = 600_000;
/** Agents ping every 5 s; a host that vanished is noticed after this. */
const IDLE_TIMEOUT_S = 12;

/**
 * Agents wait for no acknowledgement: it only tells them what need not be sent again. One for each frame would cost as
 * much as the frame.
 */
const ACKNOWLEDGE_EVERY_MS = 50;

/** Lives as long as its connection. */
interface Agent {
  state: 'greeting' | 'welcoming' | 'open' | 'leaving' | 'closed';
  session: AgentSession | null;
  helloTimer: NodeJS.Timeout | undefined;
  /** Highest number to acknowledge per room, and when; nothing is due while it is empty. */
  readonly acks: Map<string, number>;
  ackTimer: NodeJS.Timeout | undefined;
}

type AgentWebSocket = WebSocket<Agent>;

export interface AgentSocketsOptions {
  readonly app: TemplatedApp;
  readonly tokens: AccessTokens;
  readonly metrics: GatewayMetrics;
  readonly loads: AgentLoads;
  readonly log: Logger;
}

export class AgentSockets {
  readonly #options: AgentSocketsOptions;
  /** The connection of each session; an older one of the same session is closed. */
  readonly #current = new Map<string, AgentWebSocket>();
  /** When each room was erased last. */
  readonly #erasedAtMs = new Map<string, number>();
  #hub: CaptionHub | null = null;

  constructor(options: AgentSocketsOptions) {
    this.#options = options;
  }

  serve(hub: CaptionHub): void {
    this.#hub = hub;
    const { app, tokens, metrics } = this.#options;
    app.ws<Agent>(UPLINK_PATH, {
      maxPayloadLength: 2 * MAX_UPLINK_MESSAGE_BYTES,
      maxBackpressure: MAX_UPLINK_MESSAGE_BYTES,
      closeOnBackpressureLimit: true,
      idleTimeout: IDLE_TIMEOUT_S,
      sendPingsAutomatically: true,
      upgrade: (res, req, context) => {
        const checked = tokens.checkUplink(bearerToken(req.getHeader('authorization')));
        if ('fault' in checked) {
          metrics.authFailures.inc({ reason: `uplink-${checked.fault}` });
          const status = checked.fault === 'audience' ? '403 Forbidden' : '401 Unauthorized';
          refuse(res, { status, detail: 'Send a valid uplink token as Authorization: Bearer <token>.' });
          return;
        }
        if (!offeredSubprotocols(req).includes(UPLINK_SUBPROTOCOL)) {
          refuse(res, { status: '400 Bad Request', detail: `Offer the subprotocol ${UPLINK_SUBPROTOCOL}.` });
          return;
        }
        const agent: Agent = {
          state: 'greeting',
          session: null,
          helloTimer: undefined,
          acks: new Map(),
          ackTimer: undefined,
        };
        const key = req.getHeader('sec-websocket-key');
        const extensions = req.getHeader('sec-websocket-extensions');
        res.upgrade(agent, key, UPLINK_SUBPROTOCOL, extensions, context);
      },
      open: (ws) => {
        metrics.accepts.inc({ socket: 'uplink' });
        metrics.connections.inc({ socket: 'uplink' });
        ws.getUserData().helloTimer = setTimeout(() => closeWith(ws, 'joinTimeout'), HELLO_DEADLINE_MS);
      },
      message: (ws, bytes, isBinary) => this.#handleBytes(ws, bytes, isBinary),
      close: (ws, code) => this.#handleClose(ws, code),
    });
  }

  /** No agent brings back what the host has erased. */
  eraseRoom(room: string): void {
    const now = nowMs();
    for (const [name, atMs] of this.#erasedAtMs) {
      if (now - atMs > ERASED_ROOM_KEPT_MS) this.#erasedAtMs.delete(name);
    }
    this.#erasedAtMs.set(room, now);
    for (const ws of this.#current.values()) ws.send(packToAgent({ type: 'erase', room }), true, false);
  }

  /** Each agent connects again, here or to another node, and brings what was not acknowledged. */
  closeAll(): void {
    for (const ws of [...this.#current.values()]) {
      ws.getUserData().state = 'leaving';
      closeWith(ws, 'goingAway');
    }
  }

  #handleBytes(ws: AgentWebSocket, bytes: ArrayBuffer, isBinary: boolean): void {
    const receivedMs = nowMs();
    if (bytes.byteLength > MAX_UPLINK_MESSAGE_BYTES) {
      closeWith(ws, 'tooLarge');
      return;
    }
    try {
      if (!isBinary) throw new MalformedMessage('binary message expected');
      this.#handle(ws, unpackFromAgent(new Uint8Array(bytes)), receivedMs);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.#options.log.warn({ err: error }, 'agent sent a malformed message');
      closeWith(ws, 'malformed');
    }
  }

  #handle(ws: AgentWebSocket, message: FromAgent, receivedMs: number): void {
    const agent = ws.getUserData();
    const { session } = agent;
    if (message.type === 'hello') {
      if (agent.state !== 'greeting') throw new MalformedMessage('only one hello expected');
      agent.state = 'welcoming';
      void this.#greet(ws, agent, message);
      return;
    }
    if (!session) throw new MalformedMessage('hello expected first');
    if (message.type === 'load') {
      this.#options.metrics.observeUnheard(this.#options.loads.take(session.session, message));
      return;
    }
    if (message.type === 'left') {
      this.#hub?.leaveRoom(session, message.room);
      return;
    }
    if (agent.state !== 'open') return;
    this.#hub?.takeFrame(session, message, receivedMs).then(
      () => {
        if (agent.state !== 'open') return;
        if (agent.acks.size === 0) {
          agent.ackTimer = setTimeout(() => this.#acknowledge(ws, agent), ACKNOWLEDGE_EVERY_MS);
        }
        agent.acks.set(message.room, Math.max(message.number, agent.acks.get(message.room) ?? 0));
      },
      (error: unknown) => this.#sendBack(ws, agent, error),
    );
  }

  /** What the bus did not take, the agent still has. Nothing more is taken: a later frame would leave a hole. */
  #sendBack(ws: AgentWebSocket, agent: Agent, error: unknown): void {
    if (agent.state === 'closed' || agent.state === 'leaving') return;
    agent.state = 'leaving';
    this.#options.log.warn({ err: error, agentId: agent.session?.agentId }, 'agent is to come back');
    closeWith(ws, 'goingAway');
  }

  async #greet(ws: AgentWebSocket, agent: Agent, { sessionId, agentId, rooms }: UplinkHello): Promise<void> {
    clearTimeout(agent.helloTimer);
    const hub = this.#hub;
    if (!hub) return;
    try {
      const { session, held } = await hub.openSession(sessionId, agentId, rooms);
      if (agent.state !== 'welcoming') {
        hub.loseSession(session);
        return;
      }
      const older = this.#current.get(sessionId);
      this.#current.set(sessionId, ws);
      if (older) closeWith(older, 'replaced');
      agent.session = session;
      agent.state = 'open';
      this.#options.log.info({ agentId, sessionId }, 'agent connected');
      ws.cork(() => {
        ws.send(packToAgent({ type: 'welcome', held: [...held] }), true, false);
        for (const room of this.#erasedAtMs.keys())
          ws.send(packToAgent({ type: 'erase', room }), true, false);
      });
    } catch (error) {
      this.#sendBack(ws, agent, error);
    }
  }

  #acknowledge(ws: AgentWebSocket, agent: Agent): void {
    if (agent.state !== 'open') return;
    ws.cork(() => {
      for (const [room, number] of agent.acks) {
        ws.send(packToAgent({ type: 'ack', room, number }), true, false);
      }
    });
    agent.acks.clear();
  }

  #handleClose(ws: AgentWebSocket, code: number): void {
    const agent = ws.getUserData();
    clearTimeout(agent.helloTimer);
    clearTimeout(agent.ackTimer);
    agent.state = 'closed';
    this.#options.metrics.connections.dec({ socket: 'uplink' });
    this.#options.metrics.observeClose('uplink', code);
    const { session } = agent;
    if (!session) return;
    const { agentId, session: sessionId } = session;
    if (this.#current.get(sessionId) === ws) {
      this.#current.delete(sessionId);
      this.#options.loads.handleGone(sessionId);
    }
    this.#options.log.info({ agentId, sessionId, code }, 'agent disconnected');
    this.#hub?.loseSession(session);
  }
}
