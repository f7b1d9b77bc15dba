/**
 * Signs and checks everything that opens a door: LiveKit participant tokens, captions tokens, uplink tokens. All
 * are HS256 with the LiveKit API secret and differ by audience. Checks are synchronous, because a uWebSockets.js
 * `upgrade` handler must decide before it returns.
 */
import { createSigner, createVerifier, TOKEN_ERROR_CODES } from 'fast-jwt';
import { AccessToken } from 'livekit-server-sdk';
import {
  ADMISSION_AUDIENCE,
  CAPTIONER_AUDIENCE,
  CAPTIONS_AUDIENCE,
  UPLINK_AUDIENCE,
} from '../../protocol/connection.ts';

export const TOKEN_LIFETIME_S = 3_600;
/** The page joins at once. */
const ADMISSION_LIFETIME_S = 120;
/** A captioner is invited ahead, and external software cannot renew. */
const CAPTIONER_LIFETIME_S = 24 * 3_600;
/** Hosts' clocks differ a little. */
const CLOCK_TOLERANCE_MS = 5_000;
const LONGEST_TOKEN = 8_192;

/** Who may read the captions of which room. */
export interface CaptionsGrant {
  readonly room: string;
  readonly identity: string;
}

export interface CheckedCaptionsGrant extends CaptionsGrant {
  /** Unix time in seconds; 0 where the token does not say. */
  readonly issuedAtS: number;
}

/** Whom the host let in from the waiting room. */
export interface Admission {
  readonly room: string;
  readonly identity: string;
  readonly name: string;
}

/** Who may write captions in which room. */
export interface CaptionerGrant {
  readonly room: string;
  /** Names this captioner, as an identity. */
  readonly captioner: string;
  /** Shown to viewers. */
  readonly name: string;
  /** Whose words are written; null: everybody's. */
  readonly speaker: { readonly identity: string; readonly name: string } | null;
}

/** `expired`: rightly signed, but its time is over, so its holder should fetch a new one. */
export type TokenFault = 'missing' | 'expired' | 'audience' | 'invalid';
export type TokenCheck<Grant> = { readonly grant: Grant } | { readonly fault: TokenFault };

export class AccessTokens {
  readonly #apiKey: string;
  readonly #apiSecret: string;
  readonly #sign: (payload: Record<string, unknown>) => string;
  readonly #verify: (token: string) => unknown;

  constructor(apiKey: string, apiSecret: string) {
    this.#apiKey = apiKey;
    this.#apiSecret = apiSecret;
    this.#sign = createSigner<Record<string, unknown>>({ key: apiSecret, algorithm: 'HS256' });
    this.#verify = createVerifier<string>({
      key: apiSecret,
      algorithms: ['HS256'],
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_MS,
    });
  }

  signCaptions(grant: CaptionsGrant): { token: string; expiresMs: number } {
    const exp = Math.floor(Date.now() / 1000) + TOKEN_LIFETIME_S;
    const token = this.#sign({
      aud: CAPTIONS_AUDIENCE,
      iss: this.#apiKey,
      sub: grant.identity,
      room: grant.room,
      exp,
    });
    return { token, expiresMs: exp * 1000 };
  }

  signLiveKit(participant: {
    room: string;
    identity: string;
    name: string;
    role: 'host' | 'guest' | 'captioner';
  }): Promise<string> {
    const token = new AccessToken(this.#apiKey, this.#apiSecret, {
      ttl: TOKEN_LIFETIME_S,
      identity: participant.identity,
      name: participant.name,
      attributes: { role: participant.role },
    });
    const speaks = participant.role !== 'captioner';
    token.addGrant({
      roomJoin: true,
      room: participant.room,
      canPublish: speaks,
      canSubscribe: true,
      canPublishData: speaks,
    });
    return token.toJwt();
  }

  /** For a room in which one hears and sees nobody, and is seen by nobody. */
  signWaiting(participant: { room: string; identity: string; name: string }): Promise<string> {
    const { room, identity, name } = participant;
    const token = new AccessToken(this.#apiKey, this.#apiSecret, { ttl: TOKEN_LIFETIME_S, identity, name });
    token.addGrant({
      roomJoin: true,
      room,
      hidden: true,
      canPublish: false,
      canSubscribe: false,
      canPublishData: false,
    });
    return token.toJwt();
  }

  signAdmission({ room, identity, name }: Admission): string {
    const exp = Math.floor(Date.now() / 1000) + ADMISSION_LIFETIME_S;
    return this.#sign({ aud: ADMISSION_AUDIENCE, iss: this.#apiKey, sub: identity, room, name, exp });
  }

  checkAdmission(token: string): TokenCheck<Admission> {
    const checked = this.#check(token);
    if ('fault' in checked) return checked;
    const { aud, sub, room, name } = checked.grant;
    if (aud !== ADMISSION_AUDIENCE || typeof room !== 'string') return { fault: 'audience' };
    if (typeof sub !== 'string' || typeof name !== 'string') return { fault: 'invalid' };
    return { grant: { room, identity: sub, name } };
  }

  /** Takes a captions token, or the LiveKit token of a participant of the room. */
  checkViewer(token: string | undefined): TokenCheck<CheckedCaptionsGrant> {
    const checked = this.#check(token);
    if ('fault' in checked) return checked;
    const { aud, sub, room, video, iss, iat, nbf } = checked.grant;
    const grantedRoom =
      aud === CAPTIONS_AUDIENCE ? room : aud === undefined ? this.#livekitRoom(iss, video) : null;
    if (typeof grantedRoom !== 'string' || grantedRoom === '') return { fault: 'audience' };
    if (typeof sub !== 'string' || sub === '') return { fault: 'invalid' };
    // LiveKit's own tokens say since when they hold, and not when they were made.
    const issuedAtS = Number(iat ?? nbf ?? 0);
    return { grant: { room: grantedRoom, identity: sub, issuedAtS } };
  }

  signCaptioner({ room, captioner, name, speaker }: CaptionerGrant): { token: string; expiresMs: number } {
    const exp = Math.floor(Date.now() / 1000) + CAPTIONER_LIFETIME_S;
    const token = this.#sign({
      aud: CAPTIONER_AUDIENCE,
      iss: this.#apiKey,
      sub: captioner,
      room,
      name,
      ...(speaker ? { speaker } : {}),
      exp,
    });
    return { token, expiresMs: exp * 1000 };
  }

  checkCaptioner(token: string | undefined): TokenCheck<CaptionerGrant> {
    const checked = this.#check(token);
    if ('fault' in checked) return checked;
    const { aud, sub, room, name, speaker } = checked.grant;
    if (aud !== CAPTIONER_AUDIENCE || typeof room !== 'string') return { fault: 'audience' };
    if (typeof sub !== 'string' || typeof name !== 'string') return { fault: 'invalid' };
    const replaced =
      isRecord(speaker) && typeof speaker.identity === 'string' && typeof speaker.name === 'string'
        ? { identity: speaker.identity, name: speaker.name }
        : null;
    return { grant: { room, captioner: sub, name, speaker: replaced } };
  }

  checkUplink(token: string | undefined): TokenCheck<true> {
    const checked = this.#check(token);
    if ('fault' in checked) return checked;
    return checked.grant.aud === UPLINK_AUDIENCE ? { grant: true } : { fault: 'audience' };
  }

  /** Who may not hear the room, because it waits at its door, may not read it either. */
  #livekitRoom(issuer: unknown, video: unknown): unknown {
    const mayListen = isRecord(video) && video.roomJoin === true && video.canSubscribe !== false;
    return issuer === this.#apiKey && mayListen ? video.room : null;
  }

  #check(token: string | undefined): TokenCheck<Record<string, unknown>> {
    if (token === undefined || token === '') return { fault: 'missing' };
    if (token.length > LONGEST_TOKEN) return { fault: 'invalid' };
    try {
      const payload = this.#verify(token);
      return isRecord(payload) ? { grant: payload } : { fault: 'invalid' };
    } catch (error) {
      const code = isRecord(error) ? error.code : undefined;
      return { fault: code === TOKEN_ERROR_CODES.expired ? 'expired' : 'invalid' };
    }
  }
}

export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
