/** How the two WebSockets are opened: subprotocols carry the version and, in browsers, the token. */

export const VIEWER_SUBPROTOCOL = 'surtitre.captions.v1';
export const UPLINK_SUBPROTOCOL = 'surtitre.uplink.v1';
/**
 * Browsers cannot set headers on a WebSocket and a token in a URL ends up in logs, so a viewer offers the
 * subprotocols [VIEWER_SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX + token]; the gateway answers with the first.
 * Agents send `Authorization: Bearer …` instead.
 */
export const TOKEN_SUBPROTOCOL_PREFIX = 'bearer.';
export const VIEWER_PATH = '/captions';
export const UPLINK_PATH = '/uplink';

/** `aud` of captions tokens and of the agents' uplink tokens (HS256, key: the LiveKit API secret). */
export const CAPTIONS_AUDIENCE = 'surtitre-captions';
export const UPLINK_AUDIENCE = 'surtitre-uplink';
/** `aud` of the tokens with which a person writes captions. */
export const CAPTIONER_AUDIENCE = 'surtitre-captioner';
/** `aud` of what lets somebody in whom the host has admitted from the waiting room. */
export const ADMISSION_AUDIENCE = 'surtitre-admission';
