/** An agent's end of the uplink, by hand: every message is the test's own choice. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { CaptionEvent, StageTimes } from '../../protocol/caption-event.ts';
import { UPLINK_PATH, UPLINK_SUBPROTOCOL } from '../../protocol/connection.ts';
import { type FromAgent, packFromAgent, type ToAgent, unpackToAgent } from '../../protocol/uplink-message.ts';
import { opened } from './caption-viewer.ts';
import { MessageInbox } from './message-inbox.ts';

const speaker = { identity: 'p-ana', name: 'Ana', trackSid: 'TR_ana' };

export class UplinkAgent {
  readonly sessionId: string;
  readonly socket: WebSocket;
  readonly inbox: MessageInbox<ToAgent>;

  private constructor(socket: WebSocket, sessionId: string) {
    this.socket = socket;
    this.sessionId = sessionId;
    this.inbox = new MessageInbox(socket, unpackToAgent);
  }

  static async open(
    socketUrl: string,
    token: string,
    sessionId: string = randomUUID(),
  ): Promise<UplinkAgent> {
    const socket = new WebSocket(socketUrl + UPLINK_PATH, UPLINK_SUBPROTOCOL, {
      headers: { Authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    const agent = new UplinkAgent(socket, sessionId);
    await opened(socket);
    return agent;
  }

  static async connect(
    socketUrl: string,
    token: string,
    sessionId: string = randomUUID(),
    rooms: readonly string[] = [],
  ): Promise<UplinkAgent> {
    const agent = await UplinkAgent.open(socketUrl, token, sessionId);
    agent.send({ type: 'hello', agentId: 'test', sessionId, rooms });
    await agent.inbox.until((all) => all.some(({ type }) => type === 'welcome'));
    return agent;
  }

  send(message: FromAgent): void {
    this.socket.send(packFromAgent(message));
  }

  frame(room: string, number: number, events: CaptionEvent[], times: StageTimes | null = null): void {
    this.send({ type: 'frame', room, number, times, events });
  }

  acked(room: string, number: number): Promise<void> {
    return this.inbox.until((all) =>
      all.some((message) => message.type === 'ack' && message.room === room && message.number >= number),
    );
  }

  /** As when the process is killed: no goodbye. */
  async die(): Promise<void> {
    this.socket.terminate();
    await this.inbox.closed;
  }
}

export const live = (sinceMs: number): CaptionEvent => ({ type: 'status', state: 'live', sinceMs });

export const openedUtterance = (utterance: number, startMs = 0): CaptionEvent => ({
  type: 'opened',
  utterance,
  speaker,
  language: 'fr',
  source: 'machine',
  startMs,
});

export const appendedText = (utterance: number, offset: number, text: string, startMs = 0): CaptionEvent => ({
  type: 'appended',
  utterance,
  offset,
  text,
  startMs,
  endMs: startMs + 100,
});
