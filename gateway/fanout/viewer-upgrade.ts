/**
 * Decides on a viewer's upgrade request, wholly inside the handler: `req` is dead once it returns. A token that
 * has merely expired, or whose meeting is over, is let through to be closed with a code that says so, because a
 * browser cannot read the status of a refused upgrade and would not know what helps.
 */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { TOKEN_SUBPROTOCOL_PREFIX, VIEWER_SUBPROTOCOL } from '../../protocol/connection.ts';
import type { AccessTokens, CaptionsGrant, TokenFault } from '../rooms/access-tokens.ts';
import type { ClientAddresses } from './client-address.ts';
import { offeredSubprotocols, type Refusal } from './websocket.ts';

export interface ViewerDoor {
  readonly tokens: AccessTokens;
  readonly addresses: ClientAddresses;
  /** Whether the host has put this person out of the room. */
  readonly isRemoved: (room: string, identity: string) => boolean;
  /** Whether a token of this age is of a meeting that is over. */
  readonly isOver: (room: string, issuedAtS: number) => boolean;
  readonly isAllowedOrigin: (origin: string) => boolean;
  readonly isDraining: () => boolean;
}

export type ViewerDecision =
  | { readonly admitted: CaptionsGrant; readonly address: string }
  /** Let in only to be told by a close code, which a browser can read. */
  | { readonly dismissed: 'tokenExpired' | 'roomClosed'; readonly address: string }
  | {
      readonly refused: Refusal;
      readonly reason: TokenFault | 'origin' | 'subprotocol' | 'address' | 'draining' | 'removed';
    };

export function decideViewerUpgrade(door: ViewerDoor, res: HttpResponse, req: HttpRequest): ViewerDecision {
  if (door.isDraining()) return { refused: DRAINING, reason: 'draining' };
  const origin = req.getHeader('origin');
  // Only browsers send an origin, and only they can be made to connect by somebody else's page.
  if (origin !== '' && !door.isAllowedOrigin(origin)) return { refused: BAD_ORIGIN, reason: 'origin' };
  const protocols = offeredSubprotocols(req);
  if (!protocols.includes(VIEWER_SUBPROTOCOL)) return { refused: BAD_SUBPROTOCOL, reason: 'subprotocol' };
  const address = door.addresses.of(res, req);
  if (door.addresses.isFull(address)) return { refused: TOO_MANY, reason: 'address' };
  const token = protocols.find((protocol) => protocol.startsWith(TOKEN_SUBPROTOCOL_PREFIX));
  const checked = door.tokens.checkViewer(token?.slice(TOKEN_SUBPROTOCOL_PREFIX.length));
  if ('grant' in checked) {
    const { room, identity, issuedAtS } = checked.grant;
    if (door.isRemoved(room, identity)) return { refused: REMOVED, reason: 'removed' };
    if (door.isOver(room, issuedAtS)) return { dismissed: 'roomClosed', address };
    return { admitted: checked.grant, address };
  }
  if (checked.fault === 'expired') return { dismissed: 'tokenExpired', address };
  return { refused: checked.fault === 'audience' ? NOT_FOR_CAPTIONS : NO_TOKEN, reason: checked.fault };
}

const DRAINING: Refusal = {
  status: '503 Service Unavailable',
  detail: 'This gateway is stopping. Connect again; another one answers.',
};
const BAD_ORIGIN: Refusal = {
  status: '403 Forbidden',
  detail: 'Pages of this origin may not read captions. An operator can add it to SURTITRE_ALLOWED_ORIGINS.',
};
const BAD_SUBPROTOCOL: Refusal = {
  status: '400 Bad Request',
  detail: `Offer the WebSocket subprotocol ${VIEWER_SUBPROTOCOL}.`,
};
const TOO_MANY: Refusal = {
  status: '429 Too Many Requests',
  detail: 'Too many caption connections from this address.',
};
const NO_TOKEN: Refusal = {
  status: '401 Unauthorized',
  detail: `Offer a valid captions token as the WebSocket subprotocol ${TOKEN_SUBPROTOCOL_PREFIX}<token>.`,
};
const NOT_FOR_CAPTIONS: Refusal = {
  status: '403 Forbidden',
  detail: 'The token is valid but does not admit to a room’s captions.',
};
const REMOVED: Refusal = {
  status: '403 Forbidden',
  detail: 'The host has put this person out of the room.',
};
