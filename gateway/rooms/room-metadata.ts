/**
 * What a LiveKit room carries for us in its metadata:
 * {"language":"auto","captions":"on-demand","access":"open","live":true,"offRecord":false}.
 */
import { Value } from 'typebox/value';
import { CaptionMode, RoomAccess, RoomLanguage } from '../../protocol/room-api.ts';
import type { LivekitRooms } from './livekit-rooms.ts';
import type { RoomSettings } from './room-id.ts';

export interface RoomMetadata extends RoomSettings {
  /** An agent captions the room at present, so that pages can say so to whoever speaks. */
  readonly live: boolean;
  /** The host wants nothing heard, captioned or kept: pages show it, agents obey it. */
  readonly offRecord: boolean;
}

export function writeRoomMetadata({ language, captions, access }: RoomSettings): string {
  return JSON.stringify({ language, captions, access });
}

/** Only what is there and valid; another product's metadata is not ours to complain about. */
export function readRoomMetadata(metadata: string): Partial<RoomMetadata> {
  const { language, captions, access, live, offRecord } = parsedObject(metadata);
  return {
    ...(Value.Check(RoomLanguage, language) ? { language } : {}),
    ...(Value.Check(CaptionMode, captions) ? { captions } : {}),
    ...(Value.Check(RoomAccess, access) ? { access } : {}),
    ...(typeof live === 'boolean' ? { live } : {}),
    ...(typeof offRecord === 'boolean' ? { offRecord } : {}),
  };
}

/** Changes the metadata of open rooms, one change of a room at a time, so that none undoes another. */
export class RoomMetadataWriter {
  readonly #livekit: Pick<LivekitRooms, 'list' | 'setMetadata'>;
  /** The newest change of each room that is being changed. */
  readonly #newest = new Map<string, Promise<void>>();

  constructor(livekit: Pick<LivekitRooms, 'list' | 'setMetadata'>) {
    this.#livekit = livekit;
  }

  /** What is not named stays; a room that is not open has nothing to change. Rejects if LiveKit does not answer. */
  change(room: string, changed: Partial<RoomMetadata>): Promise<void> {
    const before = this.#newest.get(room) ?? Promise.resolve();
    const write = (): Promise<void> => this.#write(room, changed);
    const change = before.then(write, write).finally(() => {
      if (this.#newest.get(room) === change) this.#newest.delete(room);
    });
    this.#newest.set(room, change);
    return change;
  }

  async #write(room: string, changed: Partial<RoomMetadata>): Promise<void> {
    const [open] = await this.#livekit.list([room]);
    if (!open) return;
    const metadata = JSON.stringify({ ...parsedObject(open.metadata), ...changed });
    if (metadata !== open.metadata) await this.#livekit.setMetadata(room, metadata);
  }
}

function parsedObject(metadata: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(metadata);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
