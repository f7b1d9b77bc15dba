/** Whose request a route answers, and whether that person may ask it: the checks that all room routes share. */
import { notTheHost, ProblemError, unknownRoom } from '../http/problem-document.ts';
import { type AccessTokens, bearerToken, type CaptionsGrant } from './access-tokens.ts';
import type { RoomIds, RoomSettings } from './room-id.ts';

const NO_TOKEN = 'Send the captions token got on joining as Authorization: Bearer <token>.';

export class RoomDoor {
  readonly #ids: RoomIds;
  readonly #tokens: AccessTokens;

  constructor(ids: RoomIds, tokens: AccessTokens) {
    this.#ids = ids;
    this.#tokens = tokens;
  }

  /** Throws 404 for a room that was not made here. */
  settings(roomId: string): RoomSettings {
    const settings = this.#ids.read(roomId);
    if (!settings) throw unknownRoom();
    return settings;
  }

  /** Throws 404 or 403 unless the host’s key was sent. */
  host(roomId: string, authorization: string | undefined): RoomSettings {
    const settings = this.settings(roomId);
    if (!this.#ids.isHostKey(roomId, bearerToken(authorization) ?? '')) throw notTheHost();
    return settings;
  }

  /** Throws 404, 401 or 403 unless the captions token of a participant of this room was sent. */
  participant(roomId: string, authorization: string | undefined): CaptionsGrant {
    this.settings(roomId);
    const checked = this.#tokens.checkViewer(bearerToken(authorization));
    if ('fault' in checked) {
      const detail = checked.fault === 'expired' ? 'The captions token has expired; join again.' : NO_TOKEN;
      throw new ProblemError(401, detail);
    }
    if (checked.grant.room !== roomId) throw new ProblemError(403, 'The token is for another room.');
    return checked.grant;
  }
}
