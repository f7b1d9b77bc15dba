/** A viewer of captions as a stranger would write one: connects, joins, keeps what it is told. */
import { WebSocket } from 'ws';
import type { CaptionEvent } from '../../protocol/caption-event.ts';
import { TOKEN_SUBPROTOCOL_PREFIX, VIEWER_PATH, VIEWER_SUBPROTOCOL } from '../../protocol/connection.ts';
import {
  packFromViewer,
  type ToViewer,
  unpackToViewer,
  type ViewerWelcome,
} from '../../protocol/viewer-message.ts';
import { MessageInbox } from './message-inbox.ts';

export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

export class CaptionViewer {
  readonly socket: WebSocket;
  readonly inbox: MessageInbox<ToViewer>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.inbox = new MessageInbox(socket, unpackToViewer);
  }

  /** Resolves with an open socket that has not joined yet; rejects with the HTTP status of a refusal. */
  static async open(
    socketUrl: string,
    token: string,
    headers: Record<string, string> = {},
  ): Promise<CaptionViewer> {
    const protocols = [VIEWER_SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX + token];
    const socket = new WebSocket(socketUrl + VIEWER_PATH, protocols, { headers, perMessageDeflate: false });
    // Listens from the start: a close may come with the very first bytes.
    const viewer = new CaptionViewer(socket);
    await opened(socket);
    return viewer;
  }

  static async join(
    socketUrl: string,
    token: string,
    position: Position = { epoch: 0, seq: 0 },
  ): Promise<CaptionViewer> {
    const viewer = await CaptionViewer.open(socketUrl, token);
    viewer.socket.send(packFromViewer({ type: 'join', ...position }));
    await viewer.inbox.until((all) => all.some(({ type }) => type === 'welcome'));
    return viewer;
  }

  get welcome(): ViewerWelcome {
    const welcome = this.inbox.all.find((message) => message.type === 'welcome');
    if (welcome?.type !== 'welcome') throw new Error('not joined yet');
    return welcome;
  }

  /** Everything told so far, in order. */
  get events(): CaptionEvent[] {
    return this.inbox.all.flatMap((message) => ('events' in message ? message.events : []));
  }

  /** What it would resume with. */
  get position(): Position {
    let position: Position = { epoch: 0, seq: 0 };
    for (const message of this.inbox.all) {
      if (message.type === 'welcome' || message.type === 'frame') position = message;
    }
    return { epoch: position.epoch, seq: position.seq };
  }

  untilEvent(condition: (event: CaptionEvent) => boolean): Promise<void> {
    return this.inbox.until(() => this.events.some(condition));
  }

  untilState(state: string): Promise<void> {
    return this.untilEvent((event) => event.type === 'status' && event.state === state);
  }

  close(): Promise<number> {
    this.socket.close();
    return this.inbox.closed;
  }
}

/** Rejects with the HTTP status if the upgrade is refused. */
export function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      reject(new Error(String(response.statusCode)));
    });
  });
}
