import { useRoomInfo } from '@livekit/components-react';
import type { CaptionMode } from '../../../../protocol/room-api.ts';

/** When captions are made in this room, as its metadata says and the host may change at any time. */
export function useCaptionMode(): CaptionMode {
  const { metadata } = useRoomInfo();
  return captionModeIn(metadata);
}

/** On demand where the metadata does not say: the product's own default. */
export function captionModeIn(metadata: string | undefined): CaptionMode {
  try {
    const { captions } = JSON.parse(metadata ?? '') as { captions?: unknown };
    return captions === 'always' || captions === 'off' ? captions : 'on-demand';
  } catch {
    return 'on-demand';
  }
}
