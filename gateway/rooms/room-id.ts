/**
 * Rooms without a database. A room id is 16 random base32 characters (80 bits: nobody guesses a meeting), one
 * that holds what its creator chose, and three that only the holder of the secret can compute: an id that this
 * service never gave out is recognised at once, by every gateway and after every restart.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CaptionMode, RoomAccess, RoomLanguage } from '../../protocol/room-api.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const RANDOM_LENGTH = 16;
const CHECK_LENGTH = 3;
const GROUP_LENGTH = 4;
const LANGUAGES: readonly RoomLanguage[] = ['auto', 'fr', 'en'];
const MODES: readonly CaptionMode[] = ['on-demand', 'always', 'off'];
const ACCESSES: readonly RoomAccess[] = ['open', 'waiting-room', 'locked'];

export interface RoomSettings {
  readonly language: RoomLanguage;
  readonly captions: CaptionMode;
  readonly access: RoomAccess;
}

export class RoomIds {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  create(settings: RoomSettings): string {
    const choice =
      (ACCESSES.indexOf(settings.access) * LANGUAGES.length + LANGUAGES.indexOf(settings.language)) *
        MODES.length +
      MODES.indexOf(settings.captions);
    const body = randomBase32(RANDOM_LENGTH) + ALPHABET.charAt(choice);
    return grouped(body + this.#check(body));
  }

  /** What the room's creator chose, or null for an id that was not made here. */
  read(roomId: string): RoomSettings | null {
    const letters = roomId.replaceAll('-', '');
    const body = letters.slice(0, RANDOM_LENGTH + 1);
    if (grouped(letters) !== roomId || letters !== body + this.#check(body)) return null;
    const choice = ALPHABET.indexOf(body.charAt(RANDOM_LENGTH));
    const captions = MODES[choice % MODES.length];
    const language = LANGUAGES[Math.floor(choice / MODES.length) % LANGUAGES.length];
    const access = ACCESSES[Math.floor(choice / (MODES.length * LANGUAGES.length))];
    return language && captions && access ? { language, captions, access } : null;
  }

  hostKey(roomId: string): string {
    return this.#mac(`host:${roomId}`).toString('base64url');
  }

  isHostKey(roomId: string, key: string): boolean {
    const expected = Buffer.from(this.hostKey(roomId));
    const given = Buffer.from(key);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #check(body: string): string {
    return base32(this.#mac(`room:${body}`)).slice(0, CHECK_LENGTH);
  }

  #mac(text: string): Buffer {
    return createHmac('sha256', this.#secret).update(text).digest();
  }
}

/** `length` characters of 5 random bits each. */
export function randomBase32(length: number): string {
  return base32(randomBytes(length));
}

/** Five bits of every byte: enough here, where bytes are random and only the number of characters counts. */
function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte & 31)).join('');
}

function grouped(letters: string): string {
  return letters.replace(new RegExp(`(.{${GROUP_LENGTH}})(?=.)`, 'g'), '$1-');
}
