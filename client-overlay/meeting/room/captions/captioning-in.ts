/** What the room's metadata says of its captions: the gateway writes it there for every page. Pure. */
import type { CaptionMode } from '../../../../protocol/room-api.ts';

export interface Captioning {
  readonly mode: CaptionMode;
  /** An agent captions the room at present. */
  readonly live: boolean;
}

/** On demand and not live where the metadata does not say: the product's own default. */
export function captioningIn(metadata: string | undefined): Captioning {
  try {
    const { captions, live } = JSON.parse(metadata ?? '') as { captions?: unknown; live?: unknown };
    return {
      mode: captions === 'always' || captions === 'off' ? captions : 'on-demand',
      live: live === true,
    };
  } catch {
    return { mode: 'on-demand', live: false };
  }
}
