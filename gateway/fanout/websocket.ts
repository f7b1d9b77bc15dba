/** The little that both sockets need of uWebSockets.js. */
import type { HttpRequest, HttpResponse, WebSocket } from 'uWebSockets.js';
import { CLOSE_CODES } from '../../protocol/close-codes.ts';

export type CloseName = keyof typeof CLOSE_CODES;

export function closeWith<Data>(ws: WebSocket<Data>, name: CloseName): void {
  const { code, reason } = CLOSE_CODES[name];
  ws.end(code, reason);
}

export interface Refusal {
  readonly status:
    | '400 Bad Request'
    | '401 Unauthorized'
    | '403 Forbidden'
    | '404 Not Found'
    | '429 Too Many Requests'
    | '503 Service Unavailable';
  readonly detail: string;
}

/** Answers instead of upgrading, with a problem document, and ends the connection. */
export function refuse(res: HttpResponse, { status, detail }: Refusal): void {
  const title = status.slice(4);
  res.cork(() => {
    res
      .writeStatus(status)
      .writeHeader('Content-Type', 'application/problem+json')
      .end(JSON.stringify({ type: 'about:blank', title, status: Number(status.slice(0, 3)), detail }), true);
  });
}

/** The offered subprotocols, in the client's order. */
export function offeredSubprotocols(req: HttpRequest): string[] {
  return req
    .getHeader('sec-websocket-protocol')
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}
