/** One connection of an agent to this node, and the rooms that it speaks for. Ends with the connection. */
import { randomBytes } from 'node:crypto';
import type { AgentConnection } from '../bus/room-input.ts';

export class AgentSession implements AgentConnection {
  readonly session: string;
  readonly agentId: string;
  /** Tells this connection from an earlier one of the same session, perhaps to another node. */
  readonly connection = randomBytes(4).readUInt32LE();
  readonly rooms = new Set<string>();

  constructor(session: string, agentId: string) {
    this.session = session;
    this.agentId = agentId;
  }
}
