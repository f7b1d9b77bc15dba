/** What the room's metadata says: the gateway writes it there for every page. Pure. */
import type { CaptionMode, RoomAccess } from '../../../protocol/room-api.ts';

export interface RoomState {
  readonly mode: CaptionMode;
  /** An agent or a person captions the room at present. */
  readonly live: boolean;
  readonly access: RoomAccess;
  /** Nothing is heard, captioned or kept. */
  readonly offRecord: boolean;
}

/** Where the metadata does not say: the product's own defaults. */
export function roomStateIn(metadata: string | undefined): RoomState {
  const { captions, live, access, offRecord } = parsed(metadata);
  return {
    mode: captions === 'always' || captions === 'off' ? captions : 'on-demand',
    live: live === true,
    access: access === 'waiting-room' || access === 'locked' ? access : 'open',
    offRecord: offRecord === true,
  };
}

function parsed(metadata: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(metadata ?? '');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
